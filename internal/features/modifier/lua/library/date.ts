/** A moment in local time or UTC. */
export type DateFields = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0: Sunday. */
  readonly weekday: number
  readonly offsetMinutes: number
}

const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const MONTHS =
  'January February March April May June July August September October November December'.split(' ')

export function fieldsOf(date: Date, isUtc: boolean): DateFields {
  const offsetMinutes = isUtc ? 0 : -date.getTimezoneOffset()
  const local = new Date(date.getTime() + offsetMinutes * 60_000)
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday: local.getUTCDay(),
    offsetMinutes,
  }
}

const two = (value: number): string => String(value).padStart(2, '0')
const dayName = ({ weekday }: DateFields): string => DAYS[weekday] as string
const monthName = ({ month }: DateFields): string => MONTHS[month - 1] as string
const shortYear = ({ year }: DateFields): string => two(year % 100)
const clock = ({ hour, minute, second }: DateFields): string =>
  `${two(hour)}:${two(minute)}:${two(second)}`

function offset({ offsetMinutes }: DateFields): string {
  const minutes = Math.abs(offsetMinutes)
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
}
const zone = (fields: DateFields): string => (fields.offsetMinutes === 0 ? 'UTC' : offset(fields))

/** gopher-lua's date directives; one that it does not know stays as it is. */
const DIRECTIVES: Readonly<Record<string, (fields: DateFields) => string>> = {
  a: (fields) => dayName(fields).slice(0, 3),
  A: dayName,
  b: (fields) => monthName(fields).slice(0, 3),
  B: monthName,
  c: (fields) =>
    `${two(fields.day)} ${monthName(fields).slice(0, 3)} ${shortYear(fields)} ${clock(fields).slice(0, 5)} ${zone(fields)}`,
  d: ({ day }) => two(day),
  F: ({ year, month, day }) => `${year}-${two(month)}-${two(day)}`,
  H: ({ hour }) => two(hour),
  I: ({ hour }) => two(hour % 12 || 12),
  m: ({ month }) => two(month),
  M: ({ minute }) => two(minute),
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  S: ({ second }) => two(second),
  w: ({ weekday }) => String(weekday),
  x: (fields) => `${two(fields.day)}/${two(fields.month)}/${shortYear(fields)}`,
  X: clock,
  y: shortYear,
  Y: ({ year }) => String(year),
  z: offset,
  Z: zone,
}

/** A moment as `template` (`%Y-%m-%d`) wants it. */
export const dateText = (template: string, fields: DateFields): string =>
  template.replace(/%([\s\S])/g, (whole, letter: string) =>
    letter === '%' ? '%' : (DIRECTIVES[letter]?.(fields) ?? whole),
  )
