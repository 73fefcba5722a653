import { goDouble } from '../../pipe/go-double.ts'
import type { JsonValue } from '../../pipe/pipe.ts'

/** A parsed value as Go's `%+v` prints it: `map[a:1 b:[x y]]`, keys sorted. */
export function goValue(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'number') return goDouble(value)
  if (typeof value !== 'object') return String(value)
  return Array.isArray(value) ? goList(value) : goMap(value)
}

export const goList = (items: readonly JsonValue[] = []): string =>
  `[${items.map(goValue).join(' ')}]`

export function goMap(map: Readonly<Record<string, JsonValue>> = {}): string {
  const keys = Object.keys(map).toSorted()
  return `map[${keys.map((key) => `${key}:${goValue(map[key])}`).join(' ')}]`
}

const NS_PER_MS = 1e6
const NS_PER_SECOND = 1e9
const SMALL_UNITS = [
  { name: 'ns', ns: 1 },
  { name: 'µs', ns: 1e3 },
  { name: 'ms', ns: NS_PER_MS },
]

/** A duration as Go prints it: `1h30m0s`, `1.5s`, `100µs`, `0s`. */
export function goDuration(ms: number): string {
  const sign = ms < 0 ? '-' : ''
  const ns = Math.round(Math.abs(ms) * NS_PER_MS)
  if (ns === 0) return '0s'
  if (ns < NS_PER_SECOND) {
    const unit = SMALL_UNITS.findLast((candidate) => ns >= candidate.ns) ?? { name: 'ns', ns: 1 }
    return `${sign}${ns / unit.ns}${unit.name}`
  }
  const seconds = ns / NS_PER_SECOND
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = ns - (hours * 3600 + minutes * 60) * NS_PER_SECOND
  const shownHours = hours > 0 ? `${hours}h` : ''
  const shownMinutes = hours > 0 || minutes > 0 ? `${minutes}m` : ''
  return `${sign}${shownHours}${shownMinutes}${seconds9(rest)}s`
}

/** Seconds with as many of nine decimals as are not zero. */
const seconds9 = (ns: number): string =>
  (ns / NS_PER_SECOND).toFixed(9).replace(/\.?0+$/, '') || '0'
