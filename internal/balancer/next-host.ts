import type { Snapshot } from '../discovery/discovery.ts'

/**
 * A host that was not tried yet, after the one that failed: in the order of the slots, then those of further tiers.
 * `undefined` when all were.
 */
export function nextHost(
  { slots, tiers = [] }: Snapshot,
  failedAt: number,
  tried: ReadonlySet<number>,
): number | undefined {
  const from = slots.indexOf(failedAt) + 1
  return [slots.slice(from), slots.slice(0, from), ...(tiers ?? [])]
    .flat()
    .find((host) => !tried.has(host))
}
