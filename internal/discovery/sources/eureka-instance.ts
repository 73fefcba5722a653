import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import type { Found } from '../discovery.ts'
import { foundAt, hostOf, isPort, metadataOf, weightOf } from './found.ts'
import { asObject, asText } from './json.ts'

/** An instance, or why it is none; either way in words. */
export type Judged = { readonly found?: Found; readonly note: string }

/** APISIX's rules: UP by status and override, address, port (the secure one wins), weight. */
export async function judgeInstance(instance: JsonObject, defaultWeight: number): Promise<Judged> {
  const id = asText(instance['instanceId']) || asText(instance['hostName']) || '?'
  const dropped = (reason: string): Judged => ({ note: `${id}: dropped, ${reason}` })
  const status = statusOf(instance)
  if (status !== 'UP') return dropped(`its status is ${status}`)
  const port = portOf(instance)
  if (port === undefined) return dropped('no port is enabled')
  const place = await placeOf(asText(instance['ipAddr']))
  if (place === undefined)
    return dropped(`ipAddr ${JSON.stringify(instance['ipAddr'] ?? '')} is no address and has none`)
  const metadata = metadataOf(instance['metadata'])
  const own = weightOf(metadata['weight'])
  const dataCenter = asObject(asObject(instance['dataCenterInfo'])?.['metadata'])
  const odd =
    metadata['weight'] !== undefined && own === undefined
      ? `, its weight ${JSON.stringify(metadata['weight'])} is no number`
      : ''
  return {
    found: foundAt({
      ...place,
      ...port,
      weight: own ?? defaultWeight,
      zone: metadata['zone'] ?? asText(dataCenter?.['availability-zone']),
      metadata,
    }),
    note: `${id}: kept, UP at ${place.host}:${port.port}${odd}`,
  }
}

/** What an operator set over what the instance says of itself. Servers and their ages write the key differently. */
function statusOf(instance: JsonObject): string {
  const overrides = [asText(instance['overriddenStatus']), asText(instance['overriddenstatus'])]
  const override = overrides.find((one) => one !== '' && one !== 'UNKNOWN')
  return override ?? (asText(instance['status']) || 'UNKNOWN')
}

/** `{"$": 8080, "@enabled": "true"}`: the truth value is a text. */
function portOf(instance: JsonObject): Pick<Found, 'port' | 'scheme'> | undefined {
  const enabled = (written: JsonValue | undefined): number | undefined => {
    const part = asObject(written)
    const port = Number(part?.['$'])
    return String(part?.['@enabled']) === 'true' && isPort(port) ? port : undefined
  }
  const secure = enabled(instance['securePort'])
  if (secure !== undefined) return { port: secure, scheme: 'https' }
  const plain = enabled(instance['port'])
  return plain === undefined ? undefined : { port: plain, scheme: 'http' }
}

async function placeOf(ipAddr: string): Promise<Pick<Found, 'host' | 'addresses'> | undefined> {
  const host = hostOf(ipAddr)
  if (host === undefined) return undefined
  if (isIP(host) !== 0) return { host, addresses: [] }
  try {
    const found = await lookup(host, { all: true })
    return { host, addresses: found.map(({ address }) => address) }
  } catch {
    return undefined // Said in the note.
  }
}
