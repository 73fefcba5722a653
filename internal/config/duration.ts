const NANOSECONDS = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
])
/** Go's durations are 64-bit nanoseconds; what does not fit is refused. */
const MAX_NANOSECONDS = 2 ** 63
const NS_PER_MS = 1e6

/** A duration's milliseconds, or why it is none, in Go's words. */
export type ParsedDuration = { readonly ms: number } | { readonly reason: string }

/**
 * Reads a duration as Go's `time.ParseDuration` does: a sign, then numbers with units, as in `1h30m` or `-1.5s`;
 * a bare `0` needs no unit.
 */
export function parseDuration(text: string): ParsedDuration {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  let rest = text.slice(sign.length)
  if (rest === '0') return { ms: 0 }
  if (rest === '') return { reason: 'time: invalid duration' }
  let total = 0
  while (rest !== '') {
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (number === undefined) return { reason: 'time: invalid duration' }
    const unit = /^[^.\d]*/.exec(rest.slice(number.length))?.[0] ?? ''
    if (unit === '') return { reason: 'time: missing unit in duration' }
    const size = NANOSECONDS.get(unit)
    if (size === undefined) return { reason: 'time: unknown unit' }
    total += Number(number) * size
    rest = rest.slice(number.length + unit.length)
  }
  if (total >= MAX_NANOSECONDS) return { reason: 'time: invalid duration' }
  return { ms: ((sign === '-' ? -1 : 1) * Math.trunc(total)) / NS_PER_MS }
}

/** A decoded duration in milliseconds: a text with units, or a number of nanoseconds. */
export function durationMs(value: string | number): number {
  if (typeof value === 'number') return Math.trunc(value) / NS_PER_MS
  const parsed = parseDuration(value)
  return 'ms' in parsed ? parsed.ms : 0
}
