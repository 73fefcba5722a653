import { character, type Fault, partFault } from './formats-words.ts'

const UNITS = ['YMD', 'HMS']

/** Go's `time.Parse("2006-01-02")`, with its words. */
export function dateFault(text: string): Fault {
  let rest = text
  for (const [layout, form] of DATE_PARTS) {
    const found = form.exec(rest)?.[0]
    if (found === undefined)
      return `parsing time "${text}" as "2006-01-02": cannot parse "${rest}" as "${layout}"`
    rest = rest.slice(found.length)
    if (layout === '01' && !isIn(found, 1, 12)) return `parsing time "${text}": month out of range`
  }
  if (rest !== '') return `parsing time "${text}": extra text: ${JSON.stringify(rest)}`
  const [year, month, day] = text.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  return day < 1 || day > last ? `parsing time "${text}": day out of range` : undefined
}

const DATE_PARTS = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
] as const

const isIn = (text: string, least: number, most: number): boolean =>
  Number(text) >= least && Number(text) <= most

/** `10:00:00.5+02:00`; a leap second only where it is midnight in UTC. */
export function timeFault(text: string): Fault {
  if (Buffer.byteLength(text) < 9) return 'less than 9 characters long'
  if (text[2] !== ':' || text[5] !== ':') return 'missing colon in correct place'
  const parts = text.slice(0, 8).split(':')
  if (!parts.every((part) => /^[+-]?\d+$/.test(part))) return 'invalid hour/min/sec'
  const [hour = 0, minute = 0, second = 0] = parts.map(Number)
  if (hour < 0 || minute < 0 || second < 0) return 'non-positive hour/min/sec'
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range'
  const [fraction = ''] = /^\.\d*/.exec(text.slice(8)) ?? []
  if (fraction === '.') return 'no digits in second fraction'
  const zone = zoneMinutes(text.slice(8 + fraction.length))
  if (typeof zone === 'string') return zone
  const utc = (hour * 60 + minute - zone + 2 * 1440) % 1440
  return second === 60 && utc !== 1439 ? 'invalid leap second' : undefined
}

/** Minutes ahead of UTC, or what is wrong. */
function zoneMinutes(zone: string): number | string {
  if (zone === 'z' || zone === 'Z') return 0
  if (Buffer.byteLength(zone) !== 6) return 'offset must be 6 characters long'
  if (zone[0] !== '+' && zone[0] !== '-') return 'offset must begin with plus/minus'
  if (zone[3] !== ':') return 'missing colon in offset in correct place'
  const parts = [zone.slice(1, 3), zone.slice(4)]
  if (!parts.every((part) => /^\d\d$/.test(part))) return 'invalid hour/min in offset'
  const [hours = 0, minutes = 0] = parts.map(Number)
  if (hours > 23 || minutes > 59) return 'hour/min in offset out of range'
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

export function dateTimeFault(text: string): Fault {
  if (Buffer.byteLength(text) < 20) return 'less than 20 characters long'
  if (text[10] !== 't' && text[10] !== 'T') return '11th character must be t or T'
  return (
    partFault('invalid date element', dateFault(text.slice(0, 10))) ??
    partFault('invalid time element', timeFault(text.slice(11)))
  )
}

/** RFC 3339, appendix A: `P1Y2M3DT4H5M6S`, `P2W`. */
export function durationFault(text: string): Fault {
  if (!text.startsWith('P')) return 'must start with P'
  const rest = text.slice(1)
  if (rest === '') return 'nothing after P'
  if (rest.endsWith('W')) {
    const weeks = rest.slice(0, -1)
    if (weeks === '') return 'no number in week'
    return /^\d+$/.test(weeks) ? undefined : 'invalid week'
  }
  for (const [at, part] of rest.split('T').entries()) {
    if (at > 0 && part === '') return 'no time elements'
    const units = UNITS[at]
    if (units === undefined) return 'more than one T'
    const fault = elementsFault(part, units)
    if (fault !== undefined) return fault
  }
  return undefined
}

function elementsFault(part: string, units: string): Fault {
  let left = units
  for (let rest = part; rest !== ''; ) {
    const digits = /^\d*/.exec(rest)?.[0] ?? ''
    if (digits === '') return 'missing number'
    const unit = rest[digits.length]
    if (unit === undefined) return 'missing unit'
    const at = left.indexOf(unit)
    if (at < 0)
      return units.includes(unit)
        ? `unit ${character(unit).slice('character '.length)} out of order`
        : `invalid unit ${character(unit).slice('character '.length)}`
    left = left.slice(at + 1)
    rest = rest.slice(digits.length + 1)
  }
  return undefined
}

/** Two moments, or a moment and a duration. */
export function periodFault(text: string): Fault {
  const slash = text.indexOf('/')
  if (slash < 0) return 'missing slash'
  const [start, end] = [text.slice(0, slash), text.slice(slash + 1)]
  if (start.startsWith('P'))
    return (
      partFault('invalid start duration', durationFault(start)) ??
      partFault('invalid end date-time', dateTimeFault(end))
    )
  return (
    partFault('invalid start date-time', dateTimeFault(start)) ??
    (end.startsWith('P')
      ? partFault('invalid end duration', durationFault(end))
      : partFault('invalid end date-time', dateTimeFault(end)))
  )
}
