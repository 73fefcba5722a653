/** A second in nanoseconds. */
export const SECOND = 1_000_000_000n

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
}

/** time.ParseDuration in nanoseconds; `undefined` for what is no duration. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign, rest = ''] = /^([+-]?)([\s\S]*)$/.exec(text) ?? []
  if (rest === '0') return 0n
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined
  let total = 0n
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(
    /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const size = UNITS[unit] ?? 0n
    total += BigInt(whole || '0') * size
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  if (total >= 2n ** 63n) return undefined
  return sign === '-' ? -total : total
}

/** time.Duration.String for whole seconds. */
export function formatDuration(nanoseconds: bigint): string {
  const seconds = (nanoseconds < 0n ? -nanoseconds : nanoseconds) / SECOND
  const sign = nanoseconds < 0n ? '-' : ''
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n]
  const rest = `${seconds % 60n}s`
  if (hours > 0n) return `${sign}${hours}h${minutes}m${rest}`
  return minutes > 0n ? `${sign}${minutes}m${rest}` : `${sign}${rest}`
}
