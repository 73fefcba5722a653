import { type Wall, wallOf } from './time-zone.ts'
import { Time } from './value.ts'

/** The months as layouts write them. */
export const MONTHS = [
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

/** The days of the week, from Sunday. */
export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
]

/** The pieces of Go's reference time, longest first; everything else in a layout is literal. */
export const PIECES =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|__2|002|_2(?!006)|01|02|03|04|05|06|15|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5/g

const NANOSECONDS = 1_000_000_000n
const YEAR_ONE = -62_135_596_800n

/** The zero time.Time of Go, the start of year 1. */
export const ZERO_TIME = new Time(YEAR_ONE * NANOSECONDS, 'UTC')

/** time.Time.Format with a layout of Go. */
export function formatLayout(time: Time, layout: string, zone = time.zone): string {
  const wall = wallOf(time.nanoseconds, zone)
  return layout.replace(PIECES, (piece) => formatPiece(piece, wall))
}

/** time.Time.String. */
export function formatTime(time: Time): string {
  return formatLayout(time, '2006-01-02 15:04:05.999999999 -0700 MST')
}

/** The form times have in JSON. */
export function formatRfc3339(time: Time): string {
  return formatLayout(time, '2006-01-02T15:04:05.999999999Z07:00')
}

function two(number: number, filler = '0'): string {
  return String(number).padStart(2, filler)
}

function formatPiece(piece: string, wall: Wall): string {
  const hour12 = wall.hour % 12 || 12
  switch (piece) {
    case 'January':
      return MONTHS[wall.month - 1] ?? ''
    case 'Jan':
      return (MONTHS[wall.month - 1] ?? '').slice(0, 3)
    case 'Monday':
      return WEEKDAYS[wall.weekday] ?? ''
    case 'Mon':
      return (WEEKDAYS[wall.weekday] ?? '').slice(0, 3)
    case 'MST':
      return wall.abbreviation
    case '2006':
      return String(wall.year).padStart(4, '0')
    case '06':
      return two(wall.year % 100)
    case '01':
      return two(wall.month)
    case '1':
      return String(wall.month)
    case '02':
      return two(wall.day)
    case '_2':
      return two(wall.day, ' ')
    case '2':
      return String(wall.day)
    case '002':
      return String(yearDay(wall)).padStart(3, '0')
    case '__2':
      return String(yearDay(wall)).padStart(3, ' ')
    case '15':
      return two(wall.hour)
    case '03':
      return two(hour12)
    case '3':
      return String(hour12)
    case '04':
      return two(wall.minute)
    case '4':
      return String(wall.minute)
    case '05':
      return two(wall.second)
    case '5':
      return String(wall.second)
    case 'PM':
      return wall.hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return wall.hour >= 12 ? 'pm' : 'am'
    default:
      return /^[.,]/.test(piece) ? fraction(piece, wall.nanosecond) : offsetText(piece, wall.offset)
  }
}

function fraction(piece: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, piece.length - 1)
  if (piece[1] === '0') return piece[0] + digits
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : piece[0] + trimmed
}

function offsetText(piece: string, offset: number): string {
  if (piece.startsWith('Z') && offset === 0) return 'Z'
  const magnitude = Math.abs(offset)
  const parts = [Math.floor(magnitude / 3600), Math.floor(magnitude / 60) % 60, magnitude % 60]
  const count = piece.replace(/\D/g, '').length / 2
  return (
    (offset < 0 ? '-' : '+') +
    parts
      .slice(0, count)
      .map((part) => two(part))
      .join(piece.includes(':') ? ':' : '')
  )
}

/** Day of the year, from 1. */
export function yearDay(wall: Wall): number {
  const start = Date.UTC(wall.year, 0, 1)
  return Math.round((Date.UTC(wall.year, wall.month - 1, wall.day) - start) / 86_400_000) + 1
}
