/** KrakenD's size of a host list: weights that sum to more are scaled to this, or to one slot a host if that is more. */
const SCALE = 100
/** Weights come from outside: more than this is as good as this. */
const MOST = 1e9
/** Precision of weights such as 0.5 (Nacos). */
const FRACTIONS = 1000

/** One line of an answer: a host may stand on several. */
export type Weighted = { readonly host: number; readonly weight: number }

/**
 * How many slots each host gets: KrakenD's arithmetic, line by line (scaled to 100 slots, divided by the
 * greatest common divisor), except that no host with a positive weight is rounded away, and that hosts which
 * all weigh nothing get one slot a line (RFC 2782 leaves that choice free).
 */
export function slotCounts(lines: readonly Weighted[]): number[] {
  const weights = wholeWeights(lines.map((line) => line.weight))
  const slots = scaled(lines, weights)
  const divisor = slots.reduce(greatestCommonDivisor, 0)
  const counts: number[] = []
  for (const [at, { host }] of lines.entries())
    counts[host] = (counts[host] ?? 0) + (divisor === 0 ? 1 : (slots[at] ?? 0) / divisor)
  return counts
}

function wholeWeights(weights: readonly number[]): number[] {
  const usable = weights.map((weight) => (weight > 0 ? Math.min(weight, MOST) : 0))
  if (usable.every(Number.isInteger)) return usable
  return usable.map((weight) => (weight > 0 ? Math.max(1, Math.round(weight * FRACTIONS)) : 0))
}

/** Each line's slots, at most about 100 (or one a line) in all; a host's heaviest line keeps at least one. */
function scaled(lines: readonly Weighted[], weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const scale = Math.max(SCALE, lines.length)
  if (sum <= scale) return [...weights]
  const slots = weights.map((weight) => Math.floor((weight * scale) / sum))
  const reached = new Set(lines.filter((_line, at) => (slots[at] ?? 0) > 0).map(({ host }) => host))
  for (const [at, { host }] of lines.entries()) {
    if (weights[at] === 0 || reached.has(host)) continue
    slots[at] = 1
    reached.add(host)
  }
  return slots
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)
