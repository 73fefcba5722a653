import { isRawNumber, numberText } from '../decode/numbers.ts'
import type { DataResponse, JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Encoded } from './encode.ts'
import { byBytes } from './to-param.ts'

const INDENT = '  '
/** Deeper values are written in one line, as JSON: indentation would outgrow the data. */
const MAX_DEPTH = 100

/** The data as YAML in the look of KrakenD, keys in order; numbers are numbers (KrakenD writes them as texts). */
export function yaml(response: DataResponse | undefined): Encoded {
  const data = response === undefined ? {} : response.data
  return { contentType: 'application/yaml; charset=utf-8', body: `${block(data ?? {}, '', 0)}\n` }
}

/** `value` in lines that all begin with `indent`. */
function block(value: JsonValue, indent: string, depth: number): string {
  if (isEmpty(value) || !isContainer(value))
    return indent + scalar(value, indent.slice(INDENT.length))
  if (depth >= MAX_DEPTH) return indent + JSON.stringify(value)
  if (Array.isArray(value))
    return value
      .map(
        (item) => `${indent}- ${block(item, indent + INDENT, depth + 1).slice(indent.length + 2)}`,
      )
      .join('\n')
  return Object.keys(value)
    .sort(byBytes)
    .map((key) => `${indent}${text(key)}:${field(value[key] ?? null, indent, depth)}`)
    .join('\n')
}

/** What follows a key's colon. A list stands below its key, without further indentation. */
function field(value: JsonValue, indent: string, depth: number): string {
  if (isEmpty(value) || !isContainer(value)) return ` ${scalar(value, indent)}`
  if (depth + 1 >= MAX_DEPTH) return ` ${JSON.stringify(value)}`
  return `\n${block(value, Array.isArray(value) ? indent : indent + INDENT, depth + 1)}`
}

const isContainer = (value: JsonValue): value is JsonValue[] | JsonObject =>
  typeof value === 'object' && value !== null && !isRawNumber(value)

const isEmpty = (value: JsonValue): boolean =>
  isContainer(value) && (Array.isArray(value) ? value : Object.keys(value)).length === 0

function scalar(value: JsonValue, indent: string): string {
  if (typeof value === 'string') return isBlock(value) ? lines(value, indent) : text(value)
  if (typeof value === 'number' || isRawNumber(value)) return numberText(value)
  if (Array.isArray(value)) return '[]'
  return value === null || typeof value === 'boolean' ? String(value) : '{}'
}

/** Words that some YAML version takes for something else than text. */
const WORDS =
  /^(?:null|Null|NULL|~|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|<<|=|---.*|\.\.\..*)$/
/** What starts like a number, a date or a time. */
const NUMBER =
  /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]*(?:[eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\.(?:inf|Inf|INF|nan|NaN|NAN))$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/
const INDICATOR =
  /^[*&[{}\],!|>%'"@ `?]|^[-:?]$|[: \t]$|[#\\\0-\x1f\x7f-\x9f\ufeff\u2028\u2029]|[:-][ \t]/

/** A text on one line, quoted where YAML would read something else. */
const text = (value: string): string =>
  value === '' || WORDS.test(value) || NUMBER.test(value) || INDICATOR.test(value)
    ? JSON.stringify(value)
    : value

/** Whether a text of several lines can stand as such: no line starts with a blank, nothing needs escapes. */
const isBlock = (value: string): boolean =>
  /^[^\s][^\0-\x09\x0b-\x1f\x7f-\x9f\ufeff\u2028\u2029]*$/.test(value) &&
  value.includes('\n') &&
  !INDICATOR.test(value.replaceAll('\n', ''))

function lines(value: string, indent: string): string {
  const style = value.endsWith('\n\n') ? '|+' : value.endsWith('\n') ? '|' : '|-'
  const body = value.endsWith('\n') ? value.slice(0, -1) : value
  const indented = body.split('\n').map((line) => (line === '' ? '' : indent + INDENT + line))
  return `${style}\n${indented.join('\n')}`
}
