const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH = '(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?'
const DAY = '(?<day>\\d{1,2})'
const YEAR = '(?<year>\\d{4}|\\d{2})'
const WEEKDAY = '(?:[a-z]{3,9}\\s*,?\\s*)?'
const TIME =
  '(?:(?:\\s*,?\\s*|t|\\s+at\\s+|\\s+-\\s+)(?<hour>\\d{1,2}):(?<minute>\\d{1,2})(?::(?<second>\\d{1,2})(?:[.,](?<fraction>\\d{1,9})\\d*)?)?(?:\\s*(?<half>[ap])\\.?m\\.?)?)?'
const ZONE =
  '(?:\\s*(?<zone>z|(?:[a-z]{2,5})?\\s*[-+]\\d{1,2}:?(?:\\d{2})?|[a-z]{2,5})(?:\\s*\\(?[a-z]{2,5}\\)?)?)?'

/** The spellings of dates seen in feeds: RFC 822 and its relatives, ISO 8601, and what people write. */
const FORMATS = [
  `${DAY}[\\s,-]+${MONTH}[\\s,-]+${YEAR}${TIME}${ZONE}`,
  `(?<year>\\d{4})-(?<monthNumber>\\d{1,2})-${DAY}${TIME}${ZONE}`,
  `${MONTH}\\s+${DAY},?\\s+${YEAR}${TIME}${ZONE}`,
  `${MONTH}\\s+${DAY}${TIME}${ZONE}\\s+(?<year>\\d{4})`,
  `(?<year>\\d{4})/(?<monthNumber>\\d{1,2})/${DAY}`,
  `${DAY}\\.(?<monthNumber>\\d{1,2})\\.(?<year>\\d{4})${TIME}${ZONE}`,
  `(?<monthNumber>\\d{1,2})/${DAY}/(?<year>\\d{4})${TIME}${ZONE}`,
].map((format) => new RegExp(`^${WEEKDAY}${format}$`, 'i'))

/**
 * A feed's date as Go prints times (RFC 3339); `undefined` when it cannot be read. A zone known only by its
 * name counts as UTC, as in KrakenD.
 */
export function parseDate(text: string, isUtc: boolean): string | undefined {
  const trimmed = text.trim()
  // No date is longer; the patterns need not look at more.
  if (trimmed.length === 0 || trimmed.length > 64) return undefined
  for (const format of FORMATS) {
    const parts = format.exec(trimmed)?.groups
    if (parts !== undefined) return timeOf(parts, isUtc)
  }
  return undefined
}

type Parts = Readonly<Record<string, string | undefined>>

function timeOf(parts: Parts, isUtc: boolean): string | undefined {
  const year = fullYear(parts['year'] ?? '')
  const month =
    parts['month'] === undefined
      ? Number(parts['monthNumber']) - 1
      : MONTHS.indexOf(parts['month'].toLowerCase())
  const day = Number(parts['day'])
  const hour = hourOf(parts)
  const minute = Number(parts['minute'] ?? 0)
  const second = Number(parts['second'] ?? 0)
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  const isDate = date.getUTCMonth() === month && date.getUTCDate() === day
  if (!isDate || hour > 23 || minute > 59 || second > 59) return undefined
  date.setUTCHours(hour, minute, second)
  const offset = offsetOf(parts['zone'] ?? '')
  const fraction = (parts['fraction'] ?? '').replace(/0+$/, '')
  const shown = isUtc ? new Date(date.getTime() - offset * 60_000) : date
  const zone = isUtc || offset === 0 ? 'Z' : zoneText(offset)
  return `${shown.toISOString().slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}${zone}`
}

/** Two digits from 69 on are of the last century, as Go reads them. */
function fullYear(text: string): number {
  const year = Number(text)
  return text.length > 2 ? year : year + (year >= 69 ? 1900 : 2000)
}

function hourOf(parts: Parts): number {
  const hour = Number(parts['hour'] ?? 0)
  if (parts['half'] === undefined) return hour
  if (hour > 12) return 24
  return (hour % 12) + (parts['half'].toLowerCase() === 'p' ? 12 : 0)
}

/** In minutes. */
function offsetOf(zone: string): number {
  const match = /([-+])(\d{1,2}):?(\d{2})?$/.exec(zone)
  if (match === null) return 0
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return match[1] === '-' ? -minutes : minutes
}

function zoneText(offset: number): string {
  const minutes = Math.abs(offset)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
