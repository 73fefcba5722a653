import { pinOf } from '../pipe/host-user.ts'
import type { Found, Instance, Scheme, Snapshot } from './discovery.ts'
import { interleave } from './interleave.ts'
import { slotCounts, type Weighted } from './slot-counts.ts'

export type SnapshotParts = {
  readonly name: string
  readonly version: number
  readonly scheme: Scheme
  readonly found: readonly Found[]
  readonly isWithdrawn?: boolean | undefined
}

/** Makes the list that requests walk: a host named twice is one, with the slots of both. */
export function snapshot(parts: SnapshotParts): Snapshot {
  const places = new Map<string, number>()
  const instances: Instance[] = []
  const lines = parts.found.map((found) => {
    const instance = { ...found, scheme: found.scheme ?? parts.scheme }
    const url = instanceUrl(instance)
    const host = places.get(url) ?? instances.length
    const same = instances[host]
    instances[host] = same === undefined ? instance : joined(same, instance)
    places.set(url, host)
    return { host, weight: found.weight }
  })
  const [slots = [], ...tiers] = slotsByTier(instances, lines)
  return Object.freeze({
    name: parts.name,
    version: parts.version,
    instances,
    urls: [...places.keys()],
    slots,
    isWithdrawn: parts.isWithdrawn ?? false,
    ...(tiers.length === 0 ? {} : { tiers }),
  })
}

/** One round of slots for each tier, the lowest first. */
function slotsByTier(instances: readonly Instance[], lines: readonly Weighted[]): number[][] {
  const tierOf = (host: number): number => instances[host]?.tier ?? 0
  const tiers = new Set(instances.map(({ tier }) => tier ?? 0))
  if (tiers.size <= 1) return [interleave(slotCounts(lines))]
  return [...tiers]
    .toSorted((one, other) => one - other)
    .map((tier) => slotCounts(lines.filter(({ host }) => tierOf(host) === tier)))
    .map((counts) => interleave(Array.from(counts, (count) => count ?? 0)))
}

const joined = (one: Instance, other: Instance): Instance => ({
  ...one,
  weight: one.weight + other.weight,
  addresses: [...new Set([...one.addresses, ...other.addresses])],
})

/** What `ProxyRequest.host` becomes: `scheme://host:port` and the base path without its final slash. */
export function instanceUrl(instance: Instance): string {
  return instance.url ?? instanceOrigin(instance) + instance.basePath.replace(/\/+$/, '')
}

/**
 * What the client's pools go by: the URL's scheme and authority as they are written. That of a pinned instance has
 * its address in front, so that it is told from others of its name.
 */
export function instanceOrigin(instance: Instance): string {
  const { scheme, host, port, isPinned, addresses, url } = instance
  if (url !== undefined) return ORIGIN.exec(url)?.[0] ?? url
  const name = host.includes(':') ? `[${host}]` : host
  const pin = isPinned === true ? pinOf(addresses) : ''
  return `${scheme}://${pin}${name}:${port}`
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i
