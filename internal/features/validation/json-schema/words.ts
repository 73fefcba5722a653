import { goDouble } from '../../../pipe/go-double.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { goQuote } from '../../../telemetry/go-quote.ts'

/** A text between single quotes, with Go's escapes. */
export function quoted(text: string): string {
  const inner = goQuote(Buffer.from(text).toString('latin1')).slice(1, -1)
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

export const allQuoted = (texts: readonly string[]): string => texts.map(quoted).join(', ')

/** A literal of the schema: texts quoted, everything else as Go's `%v`. */
export function shown(value: JsonValue): string {
  if (typeof value === 'string') return quoted(value)
  return value === null ? '<nil>' : String(value)
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  ...{ '+': '', '-': '⁻', '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴' },
  ...{ '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹' },
}

/** A number for English readers, as golang.org/x/text prints it: `12,345.67`, `2×10⁰⁶`. */
export function english(value: number): string {
  const [mantissa = '', power] = goDouble(value).split('e')
  if (power !== undefined)
    return `${mantissa}×10${Array.from(power, (sign) => SUPERSCRIPTS[sign]).join('')}`
  const [whole = '', fraction] = mantissa.split('.')
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** The type of a JSON value, in the words of JSON Schema. */
export function typeOf(value: JsonValue): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
