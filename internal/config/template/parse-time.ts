import { MONTHS, PIECES, WEEKDAYS } from './go-time.ts'
import { quoteGo } from './quote.ts'
import { instantOf } from './time-zone.ts'
import { Time } from './value.ts'

const NANOSECONDS = 1_000_000_000n

/** How the pieces of a layout look in a text. */
const PATTERNS: Readonly<Record<string, string>> = {
  January: `(${MONTHS.join('|')})`,
  Jan: `(${MONTHS.map((month) => month.slice(0, 3)).join('|')})`,
  Monday: `(${WEEKDAYS.join('|')})`,
  Mon: `(${WEEKDAYS.map((day) => day.slice(0, 3)).join('|')})`,
  MST: '([A-Z]{3,5}|[+-]\\d{2}(?:\\d{2})?)',
  2006: '(\\d{4})',
  '002': '(\\d{3})',
  __2: '([ \\d]{2}\\d)',
  _2: '( ?\\d{1,2})',
  PM: '(AM|PM)',
  pm: '(am|pm)',
}

function patternOf(piece: string): string {
  const known = PATTERNS[piece]
  if (known !== undefined) return known
  if (/^[.,]0/.test(piece)) return `[.,](\\d{${piece.length - 1}})`
  if (/^[.,]9/.test(piece)) return '(?:[.,](\\d+))?'
  if (/^\d$/.test(piece) || piece === '15') return '(\\d{1,2})'
  if (/^\d\d$/.test(piece)) return '(\\d{2})'
  const separator = piece.includes(':') ? ':' : ''
  const count = piece.replace(/\D/g, '').length / 2
  const body = `[+-]${Array(count).fill('\\d{2}').join(separator)}`
  return piece.startsWith('Z') ? `(Z|${body})` : `(${body})`
}

/** time.ParseInLocation; throws with Go's words when the text does not fit the layout. */
export function parseLayout(layout: string, text: string, zone: string): Time {
  const steps = stepsOf(layout)
  const pattern = steps.map((step) => step.pattern).join('')
  const found = new RegExp(`^${pattern}$`, 'i').exec(text)
  if (found === null) throw misfit(layout, text, steps)
  const pieces = steps.flatMap((step) => (step.piece === undefined ? [] : [step.piece]))
  const fields = new Map(pieces.map((piece, i) => [fieldOf(piece), found[i + 1] ?? ''] as const))
  return timeOf(fields, { layout, text, zone })
}

/** A stretch of a layout: literal text, or a piece and how it looks. */
type Step = { readonly text: string; readonly piece?: string; readonly pattern: string }

function stepsOf(layout: string): Step[] {
  const steps: Step[] = []
  let end = 0
  for (const { 0: piece, index } of layout.matchAll(PIECES)) {
    const literal = layout.slice(end, index)
    if (literal !== '') steps.push({ text: literal, pattern: literalPattern(literal) })
    steps.push({ text: piece, piece, pattern: patternOf(piece) })
    end = index + piece.length
    // Seconds may carry a fraction the layout does not mention.
    if (/^0?5$/.test(piece) && !/^[.,][09]/.test(layout.slice(end))) {
      steps.push({ text: '', piece: '.999999999', pattern: '(?:[.,](\\d+))?' })
    }
  }
  const rest = layout.slice(end)
  if (rest !== '') steps.push({ text: rest, pattern: literalPattern(rest) })
  return steps
}

/** Names the first stretch that does not fit, as Go does. */
function misfit(layout: string, text: string, steps: readonly Step[]): Error {
  let pattern = ''
  let rest = text
  for (const step of steps) {
    pattern += step.pattern
    const found = new RegExp(`^${pattern}`, 'i').exec(text)
    if (found === null) {
      return parseError(layout, text, `cannot parse ${quoteGo(rest)} as ${quoteGo(step.text)}`)
    }
    rest = text.slice(found[0].length)
  }
  return parseError(layout, text, `: extra text: ${quoteGo(rest)}`)
}

function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/ +/g, ' +')
}

function parseError(layout: string, text: string, reason: string): Error {
  const place = reason.startsWith(':') ? '' : ` as ${quoteGo(layout)}: `
  return new Error(`parsing time ${quoteGo(text)}${place}${reason}`)
}

type Field =
  | 'year'
  | 'shortYear'
  | 'monthName'
  | 'month'
  | 'day'
  | 'yearDay'
  | 'hour'
  | 'hour12'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'half'
  | 'offset'
  | 'other'

const FIELDS: Readonly<Record<string, Field>> = {
  2006: 'year',
  '06': 'shortYear',
  January: 'monthName',
  Jan: 'monthName',
  '01': 'month',
  1: 'month',
  '02': 'day',
  _2: 'day',
  2: 'day',
  '002': 'yearDay',
  __2: 'yearDay',
  15: 'hour',
  '03': 'hour12',
  3: 'hour12',
  '04': 'minute',
  4: 'minute',
  '05': 'second',
  5: 'second',
  PM: 'half',
  pm: 'half',
  Monday: 'other',
  Mon: 'other',
  MST: 'other',
}

function fieldOf(piece: string): Field {
  return FIELDS[piece] ?? (/^[.,]/.test(piece) ? 'fraction' : 'offset')
}

function timeOf(
  fields: ReadonlyMap<Field, string>,
  source: { layout: string; text: string; zone: string },
): Time {
  const number = (field: Field, otherwise: number): number => {
    const text = fields.get(field)?.trim()
    return text === undefined || text === '' ? otherwise : Number(text)
  }
  const monthName = fields.get('monthName')?.toLowerCase().slice(0, 3)
  const named = MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === monthName) + 1
  const shortYear = number('shortYear', 0)
  const year = fields.has('shortYear')
    ? shortYear + (shortYear >= 69 ? 1900 : 2000)
    : number('year', 0)
  const month = named === 0 ? number('month', 1) : named
  const day = fields.has('yearDay') ? number('yearDay', 1) : number('day', 1)
  const hour = hourOf(
    number('hour', 0),
    fields.get('half'),
    fields.has('hour12') ? number('hour12', 0) : undefined,
  )
  const [minute, second] = [number('minute', 0), number('second', 0)]
  const startOfDay = new Date(0)
  startOfDay.setUTCFullYear(year, fields.has('yearDay') ? 0 : month - 1, day)
  const isSameDay = fields.has('yearDay') || startOfDay.getUTCDate() === day
  const limits: readonly (readonly [name: string, isInside: boolean])[] = [
    ['month', month >= 1 && month <= 12],
    ['day', isSameDay && day >= 1],
    ['hour', hour <= 23],
    ['minute', minute <= 59],
    ['second', second <= 59],
  ]
  const outOfRange = limits.find(([, isInside]) => !isInside)?.[0]
  if (outOfRange !== undefined) {
    throw parseError(source.layout, source.text, `: ${outOfRange} out of range`)
  }
  const wallSeconds = startOfDay.getTime() / 1000 + hour * 3600 + minute * 60 + second
  const nanosecond = BigInt((fields.get('fraction') ?? '').padEnd(9, '0').slice(0, 9))
  const zone = zoneOf(fields.get('offset'), source.zone)
  return new Time(BigInt(instantOf(wallSeconds, zone)) * NANOSECONDS + nanosecond, zone)
}

function hourOf(hour: number, half: string | undefined, hour12: number | undefined): number {
  const base = hour12 ?? hour
  if (half?.toLowerCase() === 'pm' && base < 12) return base + 12
  return half?.toLowerCase() === 'am' && base === 12 ? 0 : base
}

function zoneOf(offset: string | undefined, zone: string): string {
  if (offset === undefined) return zone
  if (offset.toUpperCase() === 'Z' || /^[+-][0:]+$/.test(offset)) return 'UTC'
  const digits = offset.slice(1).replaceAll(':', '').padEnd(4, '0')
  return `${offset[0]}${digits.slice(0, 2)}:${digits.slice(2, 4)}`
}
