import type { Snapshot } from '../discovery/discovery.ts'

/**
 * The list as balancers walk it while some hosts are out: the slots of the first tier in which somebody is left.
 * With nobody left at all it is the list itself, because a host that may fail is better than none.
 */
export function withoutHosts(snapshot: Snapshot, out: ReadonlySet<number>): Snapshot {
  for (const tier of [snapshot.slots, ...(snapshot.tiers ?? [])]) {
    const slots = tier.filter((host) => !out.has(host))
    if (slots.length > 0) return { ...snapshot, slots, tiers: undefined }
  }
  return snapshot
}
