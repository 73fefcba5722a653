import { EvaluationError } from './values.ts'

const NS_PER_MS = 1_000_000n
export const NS_PER_S = 1_000_000_000n
/** Years 1 to 9999, as protobuf has them. */
const FIRST_NS = -62_135_596_800n * NS_PER_S
const LAST_NS = 253_402_300_800n * NS_PER_S - 1n
const MAX_NS = 2n ** 63n

/** A moment, in nanoseconds since 1970, and the zone it was written in. */
export class Timestamp {
  readonly kind = 'timestamp'
  readonly ns: bigint
  readonly offsetMinutes: number
  constructor(ns: bigint, offsetMinutes = 0) {
    if (ns < FIRST_NS || ns > LAST_NS) throw new EvaluationError('timestamp overflow')
    this.ns = ns
    this.offsetMinutes = offsetMinutes
  }
}

/** A duration, in nanoseconds. */
export class Span {
  readonly kind = 'duration'
  readonly ns: bigint
  constructor(ns: bigint) {
    if (ns >= MAX_NS || ns < -MAX_NS) throw new EvaluationError('duration overflow')
    this.ns = ns
  }
}

const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

/** Reads a moment as Go's `time.RFC3339` does. */
export function parseTimestamp(text: string): Timestamp {
  const [all, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute] =
    RFC3339.exec(text) ?? []
  if (all === undefined) throw conversion('google.protobuf.Timestamp')
  const midnight = new Date(0)
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const isDate =
    midnight.getUTCMonth() === Number(month) - 1 && midnight.getUTCDate() === Number(day)
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  const isZone = Number(zoneHour ?? 0) <= 24 && Number(zoneMinute ?? 0) < 60
  if (!isDate || !isTime || !isZone) throw conversion('google.protobuf.Timestamp')
  const ahead = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)
  const offset = sign === '-' ? -ahead : ahead
  const seconds = Number(hour) * 3600 + (Number(minute) - offset) * 60 + Number(second)
  const ns = BigInt(midnight.getTime() / 1000 + seconds) * NS_PER_S
  return new Timestamp(ns + BigInt(fraction.slice(0, 9).padEnd(9, '0')), offset)
}

/** As Go's `time.RFC3339Nano` prints it, in its own zone. */
export function printTimestamp({ ns, offsetMinutes }: Timestamp): string {
  const local = dateOf(ns, offsetMinutes).toISOString().slice(0, 19)
  const fraction = modulo(ns, NS_PER_S).toString().padStart(9, '0').replace(/0+$/, '')
  const ahead = Math.abs(offsetMinutes)
  const two = (value: number): string => String(value).padStart(2, '0')
  const zone = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`
  return `${local}${fraction === '' ? '' : `.${fraction}`}${offsetMinutes === 0 ? 'Z' : zone}`
}

/** The calendar of a moment in a zone, to be read with `getUTC...`. */
export function dateOf(ns: bigint, offsetMinutes: number): Date {
  return new Date(Number(floor(ns, NS_PER_MS)) + offsetMinutes * 60_000)
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ms', NS_PER_MS],
  ['s', NS_PER_S],
  ['m', 60n * NS_PER_S],
  ['h', 3600n * NS_PER_S],
])
const PART = /(\d+)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)|\.(\d+)(ns|us|µs|μs|ms|s|m|h)/y
/** Longer texts are no durations that fit. */
const LONGEST = 200

/** Reads a duration as Go's `time.ParseDuration` does, to the nanosecond. */
export function parseSpan(text: string): Span {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  const rest = text.slice(sign.length)
  if (rest === '0') return new Span(0n)
  if (rest === '' || rest.length > LONGEST) throw conversion('google.protobuf.Duration')
  let total = 0n
  for (let at = 0; at < rest.length; ) {
    PART.lastIndex = at
    const found = PART.exec(rest)
    if (found === null) throw conversion('google.protobuf.Duration')
    const unit = UNITS.get(found[3] ?? found[5] ?? '') ?? 0n
    const fraction = found[2] ?? found[4] ?? ''
    total +=
      BigInt(found[1] ?? 0) * unit +
      (BigInt(`0${fraction}`) * unit) / 10n ** BigInt(fraction.length)
    at = PART.lastIndex
  }
  if (total >= MAX_NS) throw conversion('google.protobuf.Duration')
  return new Span(sign === '-' ? -total : total)
}

/** Minutes ahead of UTC: `+01:30`, `02:00`, or a name of the time zone database at a moment. */
export function zoneOffset(zone: string, ns: bigint): number {
  const [all, sign, hours, minutes] = /^([+-]?)(\d{1,2}):(\d\d)$/.exec(zone) ?? []
  if (all !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  if (zone === '' || zone === 'UTC') return 0
  const date = dateOf(ns, 0)
  const found = zoneParts(zone, date)
  const local = Date.UTC(0, found.month - 1, found.day, found.hour, found.minute)
  const shown = new Date(local)
  shown.setUTCFullYear(found.year)
  return Math.round((shown.getTime() - Math.floor(date.getTime() / 60_000) * 60_000) / 60_000)
}

type Parts = Record<'year' | 'month' | 'day' | 'hour' | 'minute', number>

function zoneParts(timeZone: string, date: Date): Parts {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, hourCycle: 'h23', calendar: 'iso8601', numberingSystem: 'latn' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    })
    const parts = format.formatToParts(date).map(({ type, value }) => [type, Number(value)])
    return Object.fromEntries(parts) as Parts
  } catch {
    // Intl refuses the name: it is the expression's, or the client's, not ours.
    throw new EvaluationError(`unknown time zone ${zone100(timeZone)}`)
  }
}

const zone100 = (zone: string): string => zone.slice(0, 100)

export const conversion = (to: string): EvaluationError =>
  new EvaluationError(`type conversion error from 'string' to '${to}'`)

/** Division that rounds down, for moments before 1970. */
export function floor(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}
const modulo = (value: bigint, by: bigint): bigint => value - floor(value, by) * by
