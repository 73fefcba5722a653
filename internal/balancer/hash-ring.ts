import type { Ring, Snapshot } from '../discovery/discovery.ts'

/** With so many points in all, shares come out within a few percent; a ring of 5,000 hosts takes 5 ms. */
const POINTS = 8192
const MOST_PER_SLOT = 160
const FEWEST_PER_SLOT = 4

/** The ring of a list: a host has points by its slots, at places that depend on nothing but its URL. */
export function hashRing({ slots, urls }: Pick<Snapshot, 'slots' | 'urls'>): Ring {
  const counts = new Map<number, number>()
  for (const slot of slots) counts.set(slot, (counts.get(slot) ?? 0) + 1)
  // Points per slot, in powers of two: with one host more or less nobody's points move.
  const fitting = 2 ** Math.floor(Math.log2(Math.max(1, POINTS / slots.length)))
  const perSlot = Math.min(MOST_PER_SLOT, Math.max(FEWEST_PER_SLOT, fitting))
  const total = slots.length * perSlot
  const keyed = new Float64Array(total)
  let at = 0
  for (const [host, count] of counts) {
    const start = hashOf(urls[host] as string)
    for (let point = 0; point < count * perSlot; point++)
      keyed[at++] = mixed(start, point) * HOSTS + host
  }
  keyed.sort()
  return {
    points: Uint32Array.from(keyed, (one) => Math.floor(one / HOSTS)),
    hosts: Uint32Array.from(keyed, (one) => one % HOSTS),
  }
}

/** A list with the rings of its tiers. */
export function withRings(snapshot: Snapshot): Snapshot {
  const { slots, tiers = [], urls } = snapshot
  return { ...snapshot, rings: [slots, ...tiers].map((round) => hashRing({ slots: round, urls })) }
}

/** Room for host numbers beside 32 bits in a double. */
const HOSTS = 2 ** 20

/** The host whose point follows the key's, or the next of those that serve: others' keys stay where they are. */
export function ringHost(
  { points, hosts }: Ring,
  key: string,
  serving?: ReadonlySet<number>,
): number {
  const wanted = mixed(hashOf(key), 0)
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((points[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  for (let step = 0; serving !== undefined && step < points.length; step++) {
    const host = hosts[(low + step) % points.length] as number
    if (serving.has(host)) return host
  }
  return hosts[low === points.length ? 0 : low] as number
}

/** FNV-1a: the same in all threads and all processes. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Murmur3's finisher: neighbours land far from each other. */
function mixed(hash: number, point: number): number {
  let mix = (hash + Math.imul(point + 1, 0x9e3779b9)) | 0
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}
