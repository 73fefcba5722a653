import type { JsonValue } from '../pipe/pipe.ts'

/** What TypeScript's library does not know yet: numbers kept as their text (TC39 "JSON.parse source text access"). */
type JsonWithSource = {
  parse(
    text: string,
    reviver: (key: string, value: JsonValue, context: { source?: string }) => JsonValue,
  ): JsonValue
  rawJSON(text: string): JsonValue
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}
const json = JSON as unknown as JsonWithSource

/** Up to 15 significant digits survive a double; an exponent of two digits never leaves its range. */
const PERHAPS_CHANGED = /[0-9.]{16}|[0-9][eE][-+]?[0-9]{3}/
/** Further what JavaScript prints in another way: exponents, trailing zeros, `-0`, very small numbers. */
const PERHAPS_RESPELLED = /[0-9.]{16}|[0-9][eE]|\.[0-9]*0(?![0-9])|-0(?![.0-9])|0\.000000/
/** Numbers, and what looks like one inside a text. */
const NUMBERS = /-?[0-9][0-9.eE+-]*/g
/** What stands before a number; before most digits inside texts stands something else. */
const BEFORE = ' :,[\n\t\r'

/** Whether `value` is a number kept as its text. */
export const isRawNumber = (value: unknown): value is { readonly rawJSON: string } =>
  json.isRawJSON(value)

/** A number with the exact text `source`, which must be a JSON number. */
export const rawNumber = (source: string): JsonValue => json.rawJSON(source)

/** Whether JSON text may hold a number whose value a double would change. */
export function hasChangedNumber(text: string): boolean {
  return PERHAPS_CHANGED.test(text) && someNumber(text, isChanged)
}

/** Whether JSON text may hold a number that JavaScript would print in another way. */
export function hasRespelledNumber(text: string): boolean {
  return PERHAPS_RESPELLED.test(text) && someNumber(text, isRespelled)
}

/** Parses JSON text; numbers that would change (with `exactSpelling`: that would look different) stay text. */
export function parseExactly(text: string, exactSpelling: boolean): JsonValue {
  const mustKeep = exactSpelling ? isRespelled : isChanged
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && mustKeep(source)
      ? json.rawJSON(source)
      : value,
  )
}

/** A number as text: as it was written where that is known. */
export const numberText = (value: number | { readonly rawJSON: string }): string =>
  typeof value === 'number' ? String(value) : value.rawJSON

function someNumber(text: string, test: (source: string) => boolean): boolean {
  NUMBERS.lastIndex = 0
  for (let found = NUMBERS.exec(text); found !== null; found = NUMBERS.exec(text)) {
    const isNumber = found.index === 0 || BEFORE.includes(text[found.index - 1] ?? '')
    if (isNumber && test(found[0])) return true
  }
  return false
}

const isRespelled = (source: string): boolean => String(Number(source)) !== source

function isChanged(source: string): boolean {
  if (source.length < 16 && !/[eE]/.test(source)) return false
  const printed = String(Number(source))
  return printed !== source && canonical(printed) !== canonical(source)
}

/** Digits without leading and trailing zeros, and the power of ten of the last: equal for equal values. */
function canonical(source: string): string {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e')
  const isNegative = mantissa.startsWith('-')
  const [whole = '', fraction = ''] = (isNegative ? mantissa.slice(1) : mantissa).split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = withoutTrailingZeros(digits)
  if (significant === '') return '0'
  const power = Number(exponent) - fraction.length + digits.length - significant.length
  return `${isNegative ? '-' : ''}${significant}e${power}`
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--
  return digits.slice(0, end)
}
