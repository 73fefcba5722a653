/** Prints a moment in local time. */
export type TimeFormat = (date: Date) => string

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const two = (value: number): string => String(value).padStart(2, '0')
const blank = (value: number): string => String(value).padStart(2, ' ')
const hour12 = (date: Date): number => date.getHours() % 12 || 12
const month = (date: Date): string => MONTHS[date.getMonth()] ?? ''
const day = (date: Date): string => DAYS[date.getDay()] ?? ''

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 1)
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / 86_400_000 + 1
}
function offset(date: Date, separator: string, parts: 1 | 2 | 3): string {
  const minutes = -date.getTimezoneOffset()
  const ahead = Math.abs(minutes)
  const numbers = [two(Math.floor(ahead / 60)), two(ahead % 60), '00'].slice(0, parts)
  return `${minutes < 0 ? '-' : '+'}${numbers.join(separator)}`
}
const orZ = (date: Date, text: string): string => (date.getTimezoneOffset() === 0 ? 'Z' : text)
function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'
}

/** What each piece of a Go layout stands for; longer ones first (https://pkg.go.dev/time#pkg-constants). */
const PIECES: readonly (readonly [string, TimeFormat])[] = [
  ['January', month],
  ['Jan', (date) => month(date).slice(0, 3)],
  ['Monday', day],
  ['Mon', (date) => day(date).slice(0, 3)],
  ['MST', zoneName],
  ['2006', (date) => String(date.getFullYear()).padStart(4, '0')],
  ['Z07:00:00', (date) => orZ(date, offset(date, ':', 3))],
  ['Z070000', (date) => orZ(date, offset(date, '', 3))],
  ['Z07:00', (date) => orZ(date, offset(date, ':', 2))],
  ['Z0700', (date) => orZ(date, offset(date, '', 2))],
  ['Z07', (date) => orZ(date, offset(date, '', 1))],
  ['-07:00:00', (date) => offset(date, ':', 3)],
  ['-070000', (date) => offset(date, '', 3)],
  ['-07:00', (date) => offset(date, ':', 2)],
  ['-0700', (date) => offset(date, '', 2)],
  ['-07', (date) => offset(date, '', 1)],
  ['002', (date) => String(dayOfYear(date)).padStart(3, '0')],
  ['__2', (date) => String(dayOfYear(date)).padStart(3, ' ')],
  ['01', (date) => two(date.getMonth() + 1)],
  ['02', (date) => two(date.getDate())],
  ['03', (date) => two(hour12(date))],
  ['04', (date) => two(date.getMinutes())],
  ['05', (date) => two(date.getSeconds())],
  ['06', (date) => two(date.getFullYear() % 100)],
  ['15', (date) => two(date.getHours())],
  ['_2006', (date) => `_${date.getFullYear()}`],
  ['_2', (date) => blank(date.getDate())],
  ['PM', (date) => (date.getHours() < 12 ? 'AM' : 'PM')],
  ['pm', (date) => (date.getHours() < 12 ? 'am' : 'pm')],
  ['1', (date) => String(date.getMonth() + 1)],
  ['2', (date) => String(date.getDate())],
  ['3', (date) => String(hour12(date))],
  ['4', (date) => String(date.getMinutes())],
  ['5', (date) => String(date.getSeconds())],
]

const FRACTION = /^[.,](0+|9+)(?![0-9])/

/** Compiles a Go time layout (`2006/01/02 - 15:04:05.000`). Text that is no piece of one stays as it is. */
export function goTime(layout: string): TimeFormat {
  const parts: (TimeFormat | string)[] = []
  let rest = layout
  while (rest !== '') {
    const fraction = FRACTION.exec(rest)
    const piece = PIECES.find(([text]) => rest.startsWith(text))
    if (fraction !== null) parts.push(fractionOf(fraction[0]))
    else if (piece !== undefined) parts.push(piece[1])
    else parts.push(rest.slice(0, 1))
    rest = rest.slice(fraction?.[0].length ?? piece?.[0].length ?? 1)
  }
  return (date) => parts.map((part) => (typeof part === 'string' ? part : part(date))).join('')
}

/** `.000` keeps its zeros, `.999` drops them; digits finer than a millisecond are 0. */
function fractionOf(layout: string): TimeFormat {
  const digits = layout.length - 1
  const keepsZeros = layout[1] === '0'
  return (date) => {
    const text = String(date.getMilliseconds())
      .padStart(3, '0')
      .padEnd(digits, '0')
      .slice(0, digits)
    const shown = keepsZeros ? text : text.replace(/0+$/, '')
    return shown === '' ? '' : `${layout.slice(0, 1)}${shown}`
  }
}

/** `format`, computed once a second: for layouts without fractions. */
export function oncePerSecond(format: TimeFormat): (nowMs: number) => string {
  let second = Number.NaN
  let text = ''
  return (nowMs) => {
    const now = Math.floor(nowMs / 1000)
    if (now !== second) {
      second = now
      text = format(new Date(nowMs))
    }
    return text
  }
}
