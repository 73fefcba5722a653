import type { Found } from '../discovery.ts'
import { placeOf } from '../place-of.ts'

/** When an answer that shrinks a list is believed. */
export type Guard = {
  /** The share that may go at once; `undefined`: half of a list of five or more, anything of a shorter one. */
  readonly maxRemoved: number | undefined
  /** How often in a row such an answer must come. */
  readonly confirmations: number
  /** Or how long it must last. */
  readonly holdMs: number
}

/** An answer that waits to be believed. */
export type Held = {
  readonly sinceMs: number
  readonly seen: number
  /** The list when it is. */
  readonly next: readonly Found[]
}

/** The list to serve, and what the guard still waits for. */
export type Guarded = {
  readonly instances: readonly Found[]
  readonly held: Held | undefined
  readonly notes: readonly string[]
}

const DEFAULT_SHARE = 0.5
/** Shorter lists may lose half and more in an ordinary deployment. */
const DEFAULT_FROM = 5

/**
 * Takes an answer unless it removes many instances at once: those stay, marked, until the answer came often
 * enough or lasted long enough. What is replaced one for one is no removal.
 */
export function guarded(
  last: readonly Found[] | undefined,
  next: readonly Found[],
  held: Held | undefined,
  guard: Guard,
  nowMs: number,
): Guarded {
  if (last === undefined || !removesMany(last, next, guard))
    return { instances: next, held: undefined, notes: [] }
  const seen = (held?.seen ?? 0) + 1
  const sinceMs = held?.sinceMs ?? nowMs
  const named = new Set(next.map(placeOf))
  const missing = last.filter((instance) => !named.has(placeOf(instance)))
  const isBelieved = seen >= guard.confirmations || nowMs - sinceMs >= guard.holdMs
  const what = `${missing.length} of ${last.length} instances`
  if (isBelieved)
    return {
      instances: next,
      held: undefined,
      notes: [`guard: removed ${what}, seen ${seen} times in ${nowMs - sinceMs} ms`],
    }
  return {
    instances: [...next, ...missing.map((instance) => ({ ...instance, isHeld: true }))],
    held: { sinceMs, seen, next },
    notes: [
      `guard: kept ${what} that this answer would remove, seen ${seen} of ${guard.confirmations} times, ` +
        `at most until ${new Date(sinceMs + guard.holdMs).toISOString()}`,
    ],
  }
}

function removesMany(
  last: readonly Found[],
  next: readonly Found[],
  { maxRemoved }: Guard,
): boolean {
  const before = new Set(last.map(placeOf))
  const after = new Set(next.map(placeOf))
  const gone = [...before].filter((place) => !after.has(place)).length
  const added = [...after].filter((place) => !before.has(place)).length
  if (maxRemoved === undefined && before.size < DEFAULT_FROM) return false
  return gone - added > (maxRemoved ?? DEFAULT_SHARE) * before.size
}
