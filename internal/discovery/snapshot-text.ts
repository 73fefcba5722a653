import { isIP } from 'node:net'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Found } from './discovery.ts'
import { foundAt, hostOf, isPort, metadataOf, weightOf } from './sources/found.ts'
import { asList, asObject, asText } from './sources/json.ts'

/** One list as it was when it was last confirmed. */
export type SnapshotEntry = { readonly instances: readonly Found[]; readonly atMs: number }

const VERSION = 1

/** The text of a snapshot file: JSON, one list a line, which people may read. */
export function writtenSnapshot(entries: ReadonlyMap<string, SnapshotEntry>): string {
  const lines = [...entries].map(
    ([key, entry]) => `${JSON.stringify(key)}: ${JSON.stringify(entry)}`,
  )
  return `{"version": ${VERSION}, "lists": {\n${lines.join(',\n')}\n}}\n`
}

/** Reads such a text. Throws when it is none; instances that cannot be are left out. */
export function readSnapshot(text: string): Map<string, SnapshotEntry> {
  const document = asObject(JSON.parse(text))
  const lists = asObject(document?.['lists'])
  if (document?.['version'] !== VERSION || lists === undefined)
    throw new Error(`not a snapshot file of version ${VERSION}`)
  const entries = new Map<string, SnapshotEntry>()
  for (const [key, value] of Object.entries(lists)) {
    const { instances, atMs } = asObject(value) ?? {}
    const found = (asList(instances) ?? []).flatMap((one) => instance(asObject(one) ?? {}))
    if (typeof atMs === 'number' && found.length > 0) entries.set(key, { instances: found, atMs })
  }
  return entries
}

function instance(written: JsonObject): Found[] {
  const { port, scheme, tier } = written
  const host = hostOf(written['host'])
  if (host === undefined || !isPort(port)) return []
  return [
    foundAt({
      host,
      port,
      ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
      addresses: addressesOf(written['addresses']),
      basePath: pathOf(written['basePath']),
      weight: weightOf(written['weight']) ?? 1,
      zone: asText(written['zone']),
      metadata: metadataOf(written['metadata']),
      ...(written['isPinned'] === true ? { isPinned: true } : {}),
      ...(typeof tier === 'number' ? { tier } : {}),
    }),
  ]
}

const addressesOf = (written: JsonValue | undefined): string[] =>
  (asList(written) ?? []).map(asText).filter((address) => isIP(address) !== 0)

/** A path that is not one would send requests to another host. */
const pathOf = (written: JsonValue | undefined): string => {
  const path = asText(written)
  return path.startsWith('/') ? path : ''
}
