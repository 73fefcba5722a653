import type { Snapshot } from '../discovery/discovery.ts'

/**
 * The list as balancers walk it while some hosts are out: the slots of the first tier in which somebody is left.
 * With nobody left at all it is the list itself, because a host that may fail is better than none.
 */
export function withoutHosts(snapshot: Snapshot, out: ReadonlySet<number>): Snapshot {
  for (const [at, tier] of [snapshot.slots, ...(snapshot.tiers ?? [])].entries()) {
    const slots = tier.filter((host) => !out.has(host))
    if (slots.length > 0)
      return { ...snapshot, slots, tiers: undefined, ...onRing(snapshot, at, slots) }
  }
  return snapshot
}

/** The tier's ring stays as it is: who is out is passed over. */
function onRing(
  { rings }: Snapshot,
  tier: number,
  slots: readonly number[],
): Pick<Snapshot, 'rings' | 'serving'> {
  const ring = rings?.[tier]
  return ring === undefined ? {} : { rings: [ring], serving: new Set(slots) }
}
