import { evenGaps, hasEvenGaps } from './even-gaps.ts'

/** Longer rounds are not searched for even gaps: KrakenD's scale of 100 slots, doubled by hosts that it would drop. */
const LONGEST_SEARCHED = 200

/**
 * Spreads hosts over a round of slots: host `i` stands in it `counts[i]` times. Where an order is found in which
 * every gap between two slots of a host differs from slots/count by at most one, that one is taken. There is none
 * for some counts (6, 4, 1); then, after any number of slots, no host is more than one slot ahead of its share or
 * behind it.
 */
export function interleave(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const near = nearShares(counts, total)
  if (total > LONGEST_SEARCHED || hasEvenGaps(near, counts)) return near
  return evenGaps(counts) ?? near
}

/** A host's next slot: not before `from`, and before `until`, or it falls a whole slot behind its share. */
type Turn = {
  readonly host: number
  readonly number: number
  readonly from: number
  readonly until: number
}

/**
 * Gives each slot to the host whose turn ends first, among those whose turn has begun (Tijdeman's answer to the
 * chairman assignment problem).
 */
function nearShares(counts: readonly number[], total: number): number[] {
  const beginning: Turn[][] = Array.from({ length: total }, () => [])
  const waiting: Turn[] = []
  const begin = (host: number, number: number) => {
    const share = (counts[host] ?? 0) / total
    const from = Math.floor(number / share)
    const until = (number + 1) / share
    beginning[from]?.push({ host, number, from, until })
  }
  for (const [host, count] of counts.entries()) if (count > 0) begin(host, 0)

  return beginning.map((turns) => {
    for (const turn of turns) push(waiting, turn)
    const { host, number } = pop(waiting)
    if (number + 1 < (counts[host] ?? 0)) begin(host, number + 1)
    return host
  })
}

/** Earlier ends come first; hosts in their own order among equals. */
const isBefore = (one: Turn, other: Turn): boolean =>
  one.until < other.until || (one.until === other.until && one.host < other.host)

/** A binary heap in an array: the earliest end at its front. */
function push(heap: Turn[], turn: Turn): void {
  let at = heap.length
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !isBefore(turn, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = turn
}

function pop(heap: Turn[]): Turn {
  const [first] = heap
  const last = heap.pop()
  if (first === undefined || last === undefined) throw new RangeError("a slot that is nobody's")
  if (heap.length > 0) sink(heap, last)
  return first
}

function sink(heap: Turn[], turn: Turn): void {
  let at = 0
  for (;;) {
    const left = heap[2 * at + 1]
    const right = heap[2 * at + 2]
    const isRight = left !== undefined && right !== undefined && isBefore(right, left)
    const next = isRight ? right : left
    if (next === undefined || !isBefore(next, turn)) break
    heap[at] = next
    at = 2 * at + (isRight ? 2 : 1)
  }
  heap[at] = turn
}
