import { formatLayout, formatTime, yearDay } from './go-time.ts'
import { floorDivide, wallOf } from './time-zone.ts'
import { Int, Struct, Time, type Value } from './value.ts'

const NANOSECONDS = 1_000_000_000n

const TIME_METHODS: Readonly<Record<string, (time: Time) => Value>> = {
  Unix: (time) => new Int(floorDivide(time.nanoseconds, NANOSECONDS), 'int64'),
  UnixMilli: (time) => new Int(floorDivide(time.nanoseconds, 1_000_000n), 'int64'),
  UnixMicro: (time) => new Int(floorDivide(time.nanoseconds, 1000n), 'int64'),
  UnixNano: (time) => new Int(time.nanoseconds, 'int64'),
  Month: (time) => formatLayout(time, 'January'),
  Weekday: (time) => formatLayout(time, 'Monday'),
  Year: (time) => new Int(wallOf(time.nanoseconds, time.zone).year),
  YearDay: (time) => new Int(yearDay(wallOf(time.nanoseconds, time.zone))),
  Day: (time) => new Int(wallOf(time.nanoseconds, time.zone).day),
  Hour: (time) => new Int(wallOf(time.nanoseconds, time.zone).hour),
  Minute: (time) => new Int(wallOf(time.nanoseconds, time.zone).minute),
  Second: (time) => new Int(wallOf(time.nanoseconds, time.zone).second),
  Nanosecond: (time) => new Int(wallOf(time.nanoseconds, time.zone).nanosecond),
  UTC: (time) => new Time(time.nanoseconds, 'UTC'),
  String: formatTime,
}

/** A method of a Go value that takes no arguments; `undefined` when it has none of that name. */
export function methodOf(receiver: Time | Struct, name: string): (() => Value) | undefined {
  if (receiver instanceof Struct) return receiver.methods.get(name)
  const method = Object.hasOwn(TIME_METHODS, name) ? TIME_METHODS[name] : undefined
  return method === undefined ? undefined : () => method(receiver)
}
