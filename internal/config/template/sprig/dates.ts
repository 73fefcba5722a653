import { type FuncMap, func } from '../func.ts'
import { formatLayout, ZERO_TIME } from '../go-time.ts'
import { parseLayout } from '../parse-time.ts'
import { floorDivide, isKnownZone, localZone } from '../time-zone.ts'
import { Int, Time, type Value } from '../value.ts'
import { formatDuration, parseDuration, SECOND } from './duration.ts'

/** sprig's functions on dates; `now` comes in so that tests can hold it still. */
export function dates(nowMs: () => number): FuncMap {
  const now = (): Time => new Time(BigInt(nowMs()) * 1_000_000n, localZone())

  function instant(value: Value): Time {
    if (value instanceof Time) return value
    if (value instanceof Int && /^int(64|32)?$/.test(value.type)) {
      return new Time(value.value * SECOND, localZone())
    }
    return now()
  }

  function inZone(layout: string, date: Value, zone: string): string {
    const name = zone === 'Local' ? localZone() : zone === '' ? 'UTC' : zone
    return formatLayout(instant(date), layout, isKnownZone(name) ? name : 'UTC')
  }

  const modify = func(['string', 'time'], (text, date) => {
    const duration = parseDuration(text)
    return duration === undefined ? date : new Time(date.nanoseconds + duration, date.zone)
  })
  const mustModify = func(['string', 'time'], (text, date) => {
    const duration = parseDuration(text)
    if (duration === undefined) throw new Error(`time: invalid duration ${JSON.stringify(text)}`)
    return new Time(date.nanoseconds + duration, date.zone)
  })
  const dateInZone = func(['string', 'any', 'string'], inZone)

  return {
    now: func([], now),
    date: func(['string', 'any'], (layout, date) => inZone(layout, date, 'Local')),
    dateInZone,
    date_in_zone: dateInZone,
    htmlDate: func(['any'], (date) => inZone('2006-01-02', date, 'Local')),
    htmlDateInZone: func(['any', 'string'], (date, zone) => inZone('2006-01-02', date, zone)),
    dateModify: modify,
    date_modify: modify,
    mustDateModify: mustModify,
    must_date_modify: mustModify,
    ago: func(['any'], (date) => {
      const age = now().nanoseconds - instant(date).nanoseconds
      const half = age < 0n ? -SECOND / 2n : SECOND / 2n
      return formatDuration(((age + half) / SECOND) * SECOND)
    }),
    duration: func(['any'], (seconds) => formatDuration(secondsOf(seconds) * SECOND)),
    durationRound: func(['any'], (value) => roundDuration(value, now())),
    toDate: func(['string', 'string'], (layout, text) => {
      try {
        return parseLayout(layout, text, localZone())
      } catch {
        // sprig drops the error and goes on with the zero time; only mustToDate tells.
        return ZERO_TIME
      }
    }),
    mustToDate: func(['string', 'string'], (layout, text) =>
      parseLayout(layout, text, localZone()),
    ),
    unixEpoch: func(['time'], (date) => String(floorDivide(date.nanoseconds, SECOND))),
  }
}

function secondsOf(value: Value): bigint {
  if (value instanceof Int) return value.type === 'int64' ? value.value : 0n
  return typeof value === 'string' && /^[+-]?\d+$/.test(value)
    ? BigInt(value.replace(/^\+/, ''))
    : 0n
}

const UNITS: readonly (readonly [name: string, size: bigint])[] = [
  ['y', SECOND * 3600n * 24n * 365n],
  ['mo', SECOND * 3600n * 24n * 30n],
  ['d', SECOND * 3600n * 24n],
  ['h', SECOND * 3600n],
  ['m', SECOND * 60n],
  ['s', SECOND],
]

function roundDuration(value: Value, now: Time): string {
  let duration = 0n
  if (typeof value === 'string') duration = parseDuration(value) ?? 0n
  else if (value instanceof Int && value.type === 'int64') duration = value.value
  else if (value instanceof Time) duration = now.nanoseconds - value.nanoseconds
  const magnitude = duration < 0n ? -duration : duration
  const unit = UNITS.find(([, size]) => magnitude > size)
  return unit === undefined ? '0s' : `${magnitude / unit[1]}${unit[0]}`
}
