import type { Snapshot } from './discovery.ts'

/** How many hosts of a list are in which state; each is in one. */
export type HostCounts = {
  readonly up: number
  /** Only the guard keeps them. */
  readonly held: number
  /** Taken out after failures. */
  readonly ejected: number
}

/** Counts the hosts of a list, which may be shown by several schemes, with those that are out by their URLs. */
export function hostCounts(
  lists: readonly (Snapshot | undefined)[],
  out: ReadonlyMap<string, number>,
): HostCounts {
  const counts = { up: 0, held: 0, ejected: 0 }
  for (const [at, { isHeld }] of (lists[0]?.instances ?? []).entries()) {
    const isOut = out.size > 0 && lists.some((list) => out.has(list?.urls[at] ?? ''))
    counts[isOut ? 'ejected' : isHeld === true ? 'held' : 'up']++
  }
  return counts
}
