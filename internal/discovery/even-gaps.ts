/** How many steps a search may take: about two milliseconds. */
const MOST_STEPS = 10_000
/** Quotients of small whole numbers are exact enough for this. */
const TOLERANCE = 1e-9

/** Where a host stands while slots are handed out. */
type Place = {
  readonly host: number
  readonly count: number
  readonly shortest: number
  readonly longest: number
  first: number
  last: number
  left: number
}

/**
 * A round in which every gap between two slots of a host (the one around the end too) differs from slots/count by
 * at most one; `undefined` when there is none, or none was found soon enough. Tries the most urgent host first and
 * goes back where that leads nowhere.
 */
export function evenGaps(counts: readonly number[]): number[] | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const places = counts.flatMap((count, host) => (count > 0 ? [placeOf(host, count, total)] : []))
  const slots: number[] = []
  let steps = 0

  const fill = (at: number): boolean => {
    if (at === total) return places.every((place) => isGap(place, place.first + total))
    if (++steps > MOST_STEPS || places.some((place) => isTooLate(place, at))) return false
    return candidates(places, at).some((place) => {
      const { first, last } = place
      place.first = first < 0 ? at : first
      place.last = at
      place.left--
      slots[at] = place.host
      if (fill(at + 1)) return true
      Object.assign(place, { first, last, left: place.left + 1 })
      return false
    })
  }
  return fill(0) ? slots : undefined
}

/** Whether a round is what `evenGaps` looks for. */
export function hasEvenGaps(slots: readonly number[], counts: readonly number[]): boolean {
  const places = counts.map((count, host) => placeOf(host, count, slots.length))
  for (const [at, host] of slots.entries()) {
    const place = places[host]
    if (place === undefined || (place.last >= 0 && !isGap(place, at))) return false
    place.last = at
    if (place.first < 0) place.first = at
  }
  return places.every((place) => place.first < 0 || isGap(place, place.first + slots.length))
}

function placeOf(host: number, count: number, total: number): Place {
  const gap = total / count
  const shortest = Math.ceil(gap - 1 - TOLERANCE)
  const longest = Math.floor(gap + 1 + TOLERANCE)
  return { host, count, shortest, longest, first: -1, last: -1, left: count }
}

const isGap = ({ last, shortest, longest }: Place, next: number): boolean =>
  next - last >= shortest && next - last <= longest

/** The slot after which the host's gap is too long; before its first, the gap around the end would be. */
const latest = ({ last, longest }: Place): number => (last < 0 ? longest - 1 : last + longest)

const isTooLate = (place: Place, at: number): boolean => place.left > 0 && latest(place) < at

/** Who may take this slot, most urgent first. Of hosts that are alike so far, one stands for all. */
function candidates(places: readonly Place[], at: number): Place[] {
  const fresh = new Set<number>()
  return places
    .filter((place) => {
      if (place.left === 0) return false
      if (place.last >= 0) return at - place.last >= place.shortest
      const isFirstOfItsCount = !fresh.has(place.count)
      fresh.add(place.count)
      return isFirstOfItsCount
    })
    .toSorted((one, other) => latest(one) - latest(other) || other.count - one.count)
}
