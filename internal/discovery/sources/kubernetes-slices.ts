import type { JsonObject } from '../../pipe/pipe.ts'
import type { Answer, Found } from '../discovery.ts'
import { foundAt, hostOf, isPort } from './found.ts'
import { asList, asObject, asText } from './json.ts'

type Endpoint = { readonly slice: JsonObject; readonly endpoint: JsonObject; readonly state: State }
type State = 'ready' | 'terminating' | 'unready'

/** The instances that a service's slices hold, at the port that `port` names or numbers (`''`: the obvious one). */
export function answerOfSlices(slices: Iterable<JsonObject>, port: string): Answer {
  const all = [...slices]
  const endpoints = inOneFamily(all).flatMap(endpointsOf)
  if (all.length === 0)
    return { instances: [], notes: ['no slice of this service'], isUnknown: true }
  if (endpoints.length === 0) return { instances: [], notes: ['no endpoint in any slice'] }
  // When all that is left is on its way out, it still serves.
  const used: State = endpoints.some(({ state }) => state === 'ready') ? 'ready' : 'terminating'
  const instances = new Map<string, Found>()
  const notes: string[] = []
  for (const { slice, endpoint, state } of endpoints) {
    const name = endpointName(endpoint)
    const chosen = portOf(slice, port)
    if (state !== used) notes.push(`${name}: dropped, it is ${state}`)
    else if (chosen === undefined)
      notes.push(`${name}: dropped, it has no port ${port || 'number'}`)
    else
      for (const found of instancesOf(endpoint, chosen)) {
        // The same endpoint may stand in two slices for a moment.
        instances.set(`${found.host} ${found.port}`, found)
        notes.push(`${name}: kept, ${state} at ${found.host}:${found.port}`)
      }
  }
  return { instances: [...instances.values()], notes }
}

/** Dual-stack services have each endpoint twice. */
function inOneFamily(slices: readonly JsonObject[]): readonly JsonObject[] {
  const ofV4 = slices.filter((slice) => slice['addressType'] === 'IPv4')
  const hasEndpoints = ofV4.some((slice) => (asList(slice['endpoints']) ?? []).length > 0)
  return hasEndpoints ? ofV4 : slices
}

function endpointsOf(slice: JsonObject): Endpoint[] {
  return (asList(slice['endpoints']) ?? []).map((one) => {
    const endpoint = asObject(one) ?? {}
    const { ready, serving, terminating } = asObject(endpoint['conditions']) ?? {}
    // Unsaid means yes for ready, and serving is then as ready.
    const state =
      ready !== false
        ? 'ready'
        : serving === true && terminating === true
          ? 'terminating'
          : 'unready'
    return { slice, endpoint, state }
  })
}

const endpointName = (endpoint: JsonObject): string =>
  asText(asObject(endpoint['targetRef'])?.['name']) || (asList(endpoint['addresses']) ?? []).join()

type Port = {
  readonly port: number
  readonly scheme: Found['scheme']
  readonly ports: Record<string, string>
}

/** Without a choice: the only port, or the one called `http` or `https`, or the first. */
function portOf(slice: JsonObject, choice: string): Port | undefined {
  const ports = (asList(slice['ports']) ?? []).map((one) => asObject(one) ?? {})
  const usable = ports.filter(
    ({ port, protocol }) => isPort(port) && protocol !== 'UDP' && protocol !== 'SCTP',
  )
  const named = (name: string) => usable.find((port) => asText(port['name']) === name)
  const chosen =
    choice === ''
      ? (named('http') ?? named('https') ?? usable[0])
      : (named(choice) ?? usable.find(({ port }) => String(port) === choice))
  if (chosen === undefined || !isPort(chosen['port'])) return undefined
  const isHttps = asText(chosen['appProtocol']) === 'https' || asText(chosen['name']) === 'https'
  return {
    port: chosen['port'],
    scheme: isHttps ? 'https' : undefined,
    ports: Object.fromEntries(
      usable.map(({ name, port }) => [`port.${asText(name)}`, String(port)]),
    ),
  }
}

function instancesOf(endpoint: JsonObject, { port, scheme, ports }: Port): Found[] {
  const hints = (asList(asObject(endpoint['hints'])?.['forZones']) ?? []).map((hint) =>
    asText(asObject(hint)?.['name']),
  )
  const said = {
    pod: asText(asObject(endpoint['targetRef'])?.['name']),
    node: asText(endpoint['nodeName']),
    zones: hints.join(','),
  }
  const metadata = {
    ...ports,
    ...Object.fromEntries(Object.entries(said).filter(([, text]) => text !== '')),
  }
  return (asList(endpoint['addresses']) ?? []).flatMap((address) => {
    const host = hostOf(address)
    if (host === undefined) return []
    return foundAt({
      host,
      port,
      zone: asText(endpoint['zone']),
      metadata,
      ...(scheme === undefined ? {} : { scheme }),
    })
  })
}
