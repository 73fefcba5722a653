import type { JsonObject } from '../../../pipe/pipe.ts'
import type { Found } from '../../discovery.ts'
import { foundAt, foundAtText, hostOf, isPort, metadataOf, weightOf } from '../found.ts'
import { readHosts } from '../hosts-text.ts'
import { asObject, asText } from '../json.ts'

/** What a node says: instances, or why there are none; in words either way. */
export type JudgedNode = { readonly instances: readonly Found[]; readonly note: string }

/** A child of a service's node: Curator's JSON, `host:port` or a URL as its data, or `host:port` as its name. */
export function judgeNode(name: string, data: Buffer): JudgedNode {
  const text = data.toString('utf8').trim()
  const curator = text.startsWith('{') ? curatorObject(text) : undefined
  if (curator !== undefined) return judgeCurator(name, curator)
  if (text === '') {
    const found = foundAtText(unescaped(name))
    return found === undefined
      ? dropped(name, 'no data, and its name is no host:port')
      : kept(name, [found])
  }
  const { instances } = readHosts(text)
  return instances.length === 0
    ? dropped(name, 'its data is no host:port and no URL')
    : kept(name, instances)
}

const kept = (name: string, instances: readonly Found[]): JudgedNode => ({
  instances,
  note: `${name}: kept at ${instances.map(({ host, port }) => `${host}:${port}`).join(', ')}`,
})
const dropped = (name: string, reason: string): JudgedNode => ({
  instances: [],
  note: `${name}: dropped, ${reason}`,
})

/** Only what has an address: other objects are read as people write them. */
function curatorObject(text: string): JsonObject | undefined {
  try {
    const parsed = asObject(JSON.parse(text))
    return parsed !== undefined && 'address' in parsed && 'id' in parsed ? parsed : undefined
  } catch {
    return undefined // Judged as text.
  }
}

/** The TLS port wins, as Curator's own `{scheme}://{address}:{port}` has it. */
function judgeCurator(name: string, node: JsonObject): JudgedNode {
  const { port, sslPort, enabled, payload } = node
  if (enabled === false) return dropped(name, 'it is not enabled')
  const host = hostOf(node['address'])
  const place = isPort(sslPort)
    ? ({ port: sslPort, scheme: 'https' } as const)
    : isPort(port)
      ? { port }
      : undefined
  if (host === undefined || place === undefined) return dropped(name, 'no address and port')
  const said = asObject(payload) ?? {}
  const metadata = metadataOf(asObject(said['metadata']) ?? said)
  const zone = asText(said['zone']) || (metadata['zone'] ?? '')
  const weight = weightOf(said['weight'] ?? metadata['weight']) ?? 1
  return kept(name, [foundAt({ host, ...place, weight, zone, metadata })])
}

/** URLs cannot be names of nodes as they are: their slashes are escaped. */
function unescaped(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name // Not escaped.
  }
}
