import { isRawNumber } from '../../../decode/numbers.ts'
import { goJson, sortedKeys } from '../../../encode/go-json.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

/** Numbers this close to a whole one are written as whole ones, as KrakenD does. */
const EPSILON = 1e-6
const WHOLE = /^-?[0-9]+$/
/** Where Go's `%v` changes to the form with an exponent. */
const SMALLEST_PLAIN = 1e-4
const LARGEST_PLAIN = 1e21

/** A claim as one header value or part of a path: lists joined by commas, objects as JSON. */
export function claimText(value: JsonValue): string {
  return Array.isArray(value) ? value.map(itemText).join(',') : plainText(value)
}

/** A claim as header values: one per item of a list. */
export function claimTexts(value: JsonValue): string[] {
  return Array.isArray(value) ? value.map(itemText) : [plainText(value)]
}

function plainText(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  return isRawNumber(value) ? rawText(value.rawJSON) : goJson(value)
}

function numberText(value: number): string {
  const rounded = Math.round(value)
  return Math.abs(value - rounded) <= EPSILON ? wholeText(rounded) : value.toFixed(6)
}

const wholeText = (value: number): string =>
  Math.abs(value) < LARGEST_PLAIN ? String(value + 0) : BigInt(value).toString()

/** A number that a double would change keeps its digits. */
function rawText(source: string): string {
  const value = Number(source)
  if (WHOLE.test(source) || !Number.isFinite(value)) return source
  return Math.abs(value - Math.round(value)) <= EPSILON ? source : value.toFixed(6)
}

/** An item of a list, as Go's `%v` prints it. */
function itemText(value: JsonValue): string {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return floatText(value)
  if (typeof value !== 'object') return String(value)
  if (isRawNumber(value)) return value.rawJSON
  if (Array.isArray(value)) return `[${value.map(itemText).join(' ')}]`
  const members = sortedKeys(value).map((key) => `${key}:${itemText(value[key] as JsonValue)}`)
  return `map[${members.join(' ')}]`
}

/** `%v` of a float: the shortest digits, with an exponent of two digits where it is very small or large. */
function floatText(value: number): string {
  const size = Math.abs(value)
  if (size === 0 || (size >= SMALLEST_PLAIN && size < LARGEST_PLAIN)) return String(value)
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2')
}
