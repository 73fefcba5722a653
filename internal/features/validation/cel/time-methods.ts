import { type Overload, type Overloads, overload } from './overload.ts'
import { dateOf, floor, NS_PER_S, type Span, type Timestamp, zoneOffset } from './time.ts'
import type { Value } from './values.ts'

const MS_PER_DAY = 86_400_000
const NS_PER_MS = 1_000_000n
const NS_PER_MINUTE = 60n * NS_PER_S
const NS_PER_HOUR = 60n * NS_PER_MINUTE
/** Finding a zone's offset is expensive: a client may not ask for it too often. */
const ZONE_STEPS = 1000

const ofSpan = (unit: bigint): Overload =>
  overload<[Span]>(
    ['duration'],
    'int',
    ({ ns }): Value => (ns < 0n ? -floor(-ns, unit) : floor(ns, unit)),
  )

/** What moments and durations can be asked for. A moment answers in UTC, or in the zone that is named. */
export const TIME_METHODS: Overloads = new Map<string, readonly Overload[]>([
  ['getFullYear', ofTime((date) => date.getUTCFullYear())],
  ['getMonth', ofTime((date) => date.getUTCMonth())],
  ['getDate', ofTime((date) => date.getUTCDate())],
  ['getDayOfMonth', ofTime((date) => date.getUTCDate() - 1)],
  ['getDayOfWeek', ofTime((date) => date.getUTCDay())],
  ['getDayOfYear', ofTime(dayOfYear)],
  ['getHours', [...ofTime((date) => date.getUTCHours()), ofSpan(NS_PER_HOUR)]],
  ['getMinutes', [...ofTime((date) => date.getUTCMinutes()), ofSpan(NS_PER_MINUTE)]],
  ['getSeconds', [...ofTime((date) => date.getUTCSeconds()), ofSpan(NS_PER_S)]],
  ['getMilliseconds', [...ofTime((date) => date.getUTCMilliseconds()), ofSpan(NS_PER_MS)]],
])

function ofTime(part: (date: Date) => number): readonly Overload[] {
  return [
    overload<[Timestamp]>(['timestamp'], 'int', ({ ns }) => BigInt(part(dateOf(ns, 0)))),
    overload<[Timestamp, string]>(['timestamp', 'string'], 'int', ({ ns }, zone, { spend }) => {
      spend(ZONE_STEPS)
      return BigInt(part(dateOf(ns, zoneOffset(zone, ns))))
    }),
  ]
}

function dayOfYear(date: Date): number {
  const start = new Date(0)
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1)
  return Math.floor((date.getTime() - start.getTime()) / MS_PER_DAY)
}
