import { isDeepStrictEqual } from 'node:util'
import type { Found } from './discovery.ts'
import { placeOf } from './place-of.ts'

/** How many changes of a list are remembered. */
const REMEMBERED = 20

/** One change of a list, for explain. */
export type Change = {
  readonly atMs: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Hosts that stayed, with another weight, address or zone. */
  readonly altered: readonly string[]
}

/** What differs between two lists; `undefined` when nothing does (their order says nothing). */
export function changeBetween(
  last: readonly Found[],
  next: readonly Found[],
  atMs: number,
): Change | undefined {
  const before = byPlace(last)
  const after = byPlace(next)
  const added: string[] = []
  const altered: string[] = []
  for (const [place, lines] of after) {
    const known = before.get(place)
    if (known === undefined) added.push(place)
    else if (!areSame(known, lines)) altered.push(place)
  }
  const removed = [...before.keys()].filter((place) => !after.has(place))
  if (added.length + removed.length + altered.length === 0) return undefined
  return { atMs, added, removed, altered }
}

/** The list with one more change at its front, cut to the last 20. */
export function remember(changes: readonly Change[], change: Change): readonly Change[] {
  return [change, ...changes].slice(0, REMEMBERED)
}

/** A host may stand in a list several times. */
function byPlace(list: readonly Found[]): Map<string, Found | Found[]> {
  const lines = new Map<string, Found | Found[]>()
  for (const instance of list) {
    const place = placeOf(instance)
    const known = lines.get(place)
    lines.set(place, known === undefined ? instance : [known, instance].flat())
  }
  return lines
}

function areSame(one: Found | Found[], other: Found | Found[]): boolean {
  if (one === other) return true
  if (Array.isArray(one) || Array.isArray(other)) return isDeepStrictEqual(one, other)
  return isSame(one, other)
}

/** Instances at one place: what else is said of them. */
function isSame(one: Found, other: Found): boolean {
  return (
    one.weight === other.weight &&
    one.zone === other.zone &&
    one.tier === other.tier &&
    one.isHeld === other.isHeld &&
    one.addresses.length === other.addresses.length &&
    one.addresses.every((address, at) => address === other.addresses[at]) &&
    isSameMetadata(one.metadata, other.metadata)
  )
}

function isSameMetadata(one: Found['metadata'], other: Found['metadata']): boolean {
  if (one === other) return true
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && one[key] === other[key])
  )
}
