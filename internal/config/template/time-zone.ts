/** What a clock shows in a zone. `offset` is in seconds east of UTC. */
export type Wall = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** Sunday is 0. */
  readonly weekday: number
  readonly offset: number
  readonly abbreviation: string
}

const NANOSECONDS = 1_000_000_000n

/** The name of the zone Go calls Local. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Whether the zone is known; Go falls back to UTC where it is not. */
export function isKnownZone(zone: string): boolean {
  if (fixedOffset(zone) !== undefined) return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    // A RangeError is how Intl says that it does not know the zone.
    return false
  }
}

/** The wall clock of an instant in a zone. */
export function wallOf(nanoseconds: bigint, zone: string): Wall {
  const seconds = floorDivide(nanoseconds, NANOSECONDS)
  const offset = offsetAt(Number(seconds), zone)
  const shifted = new Date((Number(seconds) + offset) * 1000)
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    nanosecond: Number(nanoseconds - seconds * NANOSECONDS),
    weekday: shifted.getUTCDay(),
    offset,
    abbreviation: abbreviationAt(Number(seconds), zone, offset),
  }
}

/** The instant at which a zone's clock shows this time, in seconds since 1970. */
export function instantOf(wallSeconds: number, zone: string): number {
  const guess = wallSeconds - offsetAt(wallSeconds, zone)
  return wallSeconds - offsetAt(guess, zone)
}

/** Zones written as `+02:00`, which parsing a time with an offset gives. */
function fixedOffset(zone: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? []
  if (sign === undefined) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

function offsetAt(seconds: number, zone: string): number {
  const fixed = zone === 'UTC' ? 0 : fixedOffset(zone)
  if (fixed !== undefined) return fixed
  const name = zoneName(seconds, zone, 'longOffset', 'en-US')
  const [, sign, hours = '0', minutes = '0', rest = '0'] =
    /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? []
  const magnitude = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
  return sign === '-' ? -magnitude : magnitude
}

function abbreviationAt(seconds: number, zone: string, offset: number): string {
  if (zone === 'UTC') return 'UTC'
  if (fixedOffset(zone) === undefined) {
    // Each locale only knows the abbreviations of its own region.
    for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-IN', 'ja-JP']) {
      const name = zoneName(seconds, zone, 'short', locale)
      if (/^[A-Z]{3,5}$/.test(name)) return name
    }
  }
  const sign = offset < 0 ? '-' : '+'
  const hours = String(Math.floor(Math.abs(offset) / 3600)).padStart(2, '0')
  const minutes = String((Math.abs(offset) / 60) % 60).padStart(2, '0')
  return sign + hours + (minutes === '00' ? '' : minutes)
}

function zoneName(
  seconds: number,
  zone: string,
  timeZoneName: 'longOffset' | 'short',
  locale: string,
): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName }).formatToParts(
    seconds * 1000,
  )
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
}

/** Division that rounds towards minus infinity. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}
