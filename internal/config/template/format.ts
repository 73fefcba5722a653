import { goDouble } from '../../pipe/go-double.ts'
import { formatExponent, formatFixed, formatHex, formatSignificant } from './go-float.ts'
import { formatTime } from './go-time.ts'
import { quoteGo } from './quote.ts'
import {
  Dict,
  Int,
  isNil,
  List,
  type Struct,
  sortedKeys,
  Time,
  typeOf,
  type Value,
} from './value.ts'

type Flags = {
  readonly minus: boolean
  readonly plus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

/** Go's limit on widths and precisions. */
const MAX_WIDTH = 1_000_000

const NO_FLAGS: Flags = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
}

/** How Go's `%v` prints a value. */
export function print(value: Value): string {
  return verb('v', value, NO_FLAGS)
}

/** fmt.Sprint: a space between two operands when neither is a string. */
export function sprint(values: readonly Value[]): string {
  let text = ''
  for (const [index, value] of values.entries()) {
    const previous = values[index - 1]
    if (index > 0 && typeof value !== 'string' && typeof previous !== 'string') text += ' '
    text += print(value)
  }
  return text
}

/** fmt.Sprintln. */
export function sprintln(values: readonly Value[]): string {
  return `${values.map(print).join(' ')}\n`
}

const DIRECTIVE = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?([\s\S]?)/gu

/** fmt.Sprintf with Go's verbs, flags and its words for what does not fit. */
export function sprintf(format: string, values: readonly Value[]): string {
  let next = 0
  let isReordered = false

  function take(): Value {
    return values[next++]
  }

  /** `%*d` takes its width from the arguments, where only an int will do. */
  function count(text: string | undefined): number | undefined {
    if (text !== '*') return text === undefined ? undefined : Number(text)
    const value = take()
    return value instanceof Int ? Number(value.value) : undefined
  }

  const text = format.replace(DIRECTIVE, (_, signs: string, width, precision, index, letter) => {
    if (letter === '') return '%!(NOVERB)'
    const flags = flagsOf(signs, count(width), count(precision))
    if (letter === '%') return '%'
    if (index !== undefined) {
      isReordered = true
      next = Number(index) - 1
    }
    if (next >= values.length || next < 0)
      return `%!${letter}(${index === undefined ? 'MISSING' : 'BADINDEX'})`
    return verb(letter, take(), flags)
  })
  if (isReordered || next >= values.length) return text
  const extra = values
    .slice(next)
    .map((value) => (isNil(value) ? '<nil>' : `${typeOf(value)}=${print(value)}`))
  return `${text}%!(EXTRA ${extra.join(', ')})`
}

function flagsOf(signs: string, width: number | undefined, precision: number | undefined): Flags {
  if (Math.abs(width ?? 0) > MAX_WIDTH || (precision ?? 0) > MAX_WIDTH) {
    throw new Error(`width or precision above ${MAX_WIDTH}`)
  }
  const minus = signs.includes('-') || (width ?? 0) < 0
  return {
    minus,
    plus: signs.includes('+'),
    sharp: signs.includes('#'),
    space: signs.includes(' '),
    zero: signs.includes('0') && !minus,
    width: width === undefined ? undefined : Math.abs(width),
    precision,
  }
}

/** Pads to the width in characters; zeros only go where a number has room for them. */
function pad(text: string, flags: Flags, isNumber = false): string {
  const missing = (flags.width ?? 0) - [...text].length
  if (missing <= 0) return text
  if (flags.minus) return text + ' '.repeat(missing)
  if (!flags.zero) return ' '.repeat(missing) + text
  const sign = isNumber && /^[+\- ]/.test(text) ? text.slice(0, 1) : ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

function bad(letter: string, value: Value): string {
  return isNil(value) ? `%!${letter}(<nil>)` : `%!${letter}(${typeOf(value)}=${print(value)})`
}

function verb(letter: string, value: Value, flags: Flags): string {
  if (letter === 'T') return pad(typeOf(value), flags)
  if (letter === 'v' && flags.sharp) return goSyntax(value)
  if (isNil(value)) return letter === 'v' ? pad('<nil>', flags) : bad(letter, value)
  if (typeof value === 'boolean') {
    return letter === 't' || letter === 'v' ? pad(String(value), flags) : bad(letter, value)
  }
  if (typeof value === 'number') return formatFloat(letter, value, flags)
  if (typeof value === 'string') return formatString(letter, value, flags)
  if (value instanceof Int) return formatInt(letter, value, flags)
  if (value instanceof List) {
    return `[${value.items.map((item) => element(letter, item, flags)).join(' ')}]`
  }
  if (value instanceof Dict) return formatDict(letter, value, flags)
  if (value instanceof Time) return formatString(letter, formatTime(value), flags)
  return formatStruct(letter, value, flags)
}

function element(letter: string, value: Value, flags: Flags): string {
  if (!isNil(value)) return verb(letter, value, flags)
  return pad('<nil>', flags)
}

function formatDict(letter: string, dict: Dict, flags: Flags): string {
  const parts = sortedKeys(dict).map(
    (key) => `${verb(letter, key, flags)}:${element(letter, dict.entries.get(key), flags)}`,
  )
  return `map[${parts.join(' ')}]`
}

function formatStruct(letter: string, value: Struct, flags: Flags): string {
  if (value.text !== undefined) return formatString(letter, value.text, flags)
  const parts = [...value.fields].map(
    ([name, field]) => (flags.plus ? `${name}:` : '') + element(letter, field, flags),
  )
  return `{${parts.join(' ')}}`
}

function formatString(letter: string, text: string, flags: Flags): string {
  const cut = flags.precision === undefined ? text : [...text].slice(0, flags.precision).join('')
  switch (letter) {
    case 'v':
    case 's':
      return pad(cut, flags)
    case 'q':
      return pad(quotedText(cut, flags), flags)
    case 'x':
    case 'X': {
      const hex = hexText(Buffer.from(text).subarray(0, flags.precision), flags)
      return pad(letter === 'X' ? hex.toUpperCase() : hex, flags)
    }
    default:
      return bad(letter, text)
  }
}

/** `%x` of a string; a space flag separates the bytes, `#` puts 0x before. */
function hexText(bytes: Buffer, flags: Flags): string {
  const prefix = flags.sharp ? '0x' : ''
  if (!flags.space) return prefix + bytes.toString('hex')
  return [...bytes].map((byte) => prefix + byte.toString(16).padStart(2, '0')).join(' ')
}

function quotedText(text: string, flags: Flags): string {
  if (flags.sharp && !text.includes('`')) return `\`${text}\``
  if (!flags.plus) return quoteGo(text)
  return quoteGo(text).replace(/[^\x00-\x7f]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

function formatFloat(letter: string, value: number, flags: Flags): string {
  const text = floatText(letter, value, flags.precision)
  if (text === undefined) return bad(letter, value)
  if (!Number.isFinite(value))
    return pad(nonFiniteText(text, letter === 'v' ? { ...flags, plus: false } : flags), {
      ...flags,
      zero: false,
    })
  const sign = text.startsWith('-')
    ? ''
    : flags.plus && letter !== 'v'
      ? '+'
      : flags.space
        ? ' '
        : ''
  const whole = flags.sharp ? withPoint(text, letter, flags.precision) : text
  return pad(sign + whole, flags, true)
}

/** `+Inf` has its sign anyway, unless a blank is wanted in its place. */
function nonFiniteText(text: string, { plus, space }: Flags): string {
  if (text === 'NaN') return plus ? '+NaN' : space ? ' NaN' : 'NaN'
  return text === '+Inf' && space && !plus ? ' Inf' : text
}

/** What `#` asks for: a point, and with `%g` the zeros that it leaves out. */
function withPoint(text: string, letter: string, precision = 6): string {
  const [, sign = '', mantissa = '', power = ''] = /^(-?)([^eEp]*)(.*)$/.exec(text) ?? []
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`
  if (!'vgG'.includes(letter)) return sign + pointed + power
  const significant = pointed.replace('.', '').replace(/^0+(?=\d)/, '').length
  return sign + pointed + '0'.repeat(Math.max(0, precision - significant)) + power
}

function floatText(
  letter: string,
  value: number,
  precision: number | undefined,
): string | undefined {
  switch (letter) {
    case 'v':
    case 'g':
      return precision === undefined ? goDouble(value) : formatSignificant(value, precision)
    case 'G':
      return upper(floatText('g', value, precision) ?? '')
    case 'f':
    case 'F':
      return formatFixed(value, precision ?? 6)
    case 'e':
      return formatExponent(value, precision ?? 6)
    case 'x':
      return formatHex(value)
    case 'X':
      return formatHex(value).toUpperCase()
    case 'E':
      return upper(formatExponent(value, precision ?? 6))
    default:
      return undefined
  }
}

/** `Inf` and `NaN` are the same in capital letters. */
const upper = (text: string): string => (/[IN]/.test(text) ? text : text.toUpperCase())

const RADIX: Readonly<Record<string, readonly [radix: number, prefix: string]>> = {
  b: [2, '0b'],
  d: [10, ''],
  v: [10, ''],
  o: [8, '0'],
  O: [8, ''],
  x: [16, '0x'],
  X: [16, '0X'],
}

/** A code that is no character is shown as U+FFFD. */
function characterOf({ value }: Int): string {
  const isSurrogate = value >= 0xd800n && value <= 0xdfffn
  const isCharacter = value >= 0n && value <= 0x10ffffn && !isSurrogate
  return isCharacter ? String.fromCodePoint(Number(value)) : '\ufffd'
}

function formatInt(letter: string, int: Int, flags: Flags): string {
  if (letter === 'c') return pad(characterOf(int), flags)
  if (letter === 'q') return pad(quoteGo(characterOf(int), "'"), flags)
  if (letter === 'U') {
    const code = BigInt.asUintN(64, int.value).toString(16).toUpperCase()
    return pad(`U+${code.padStart(Math.max(4, flags.precision ?? 0), '0')}`, {
      ...flags,
      zero: false,
    })
  }
  const [radix, prefix] = RADIX[letter] ?? [0, '']
  if (radix === 0) return bad(letter, int)
  const magnitude = int.value < 0n ? -int.value : int.value
  const lower = magnitude.toString(radix).padStart(flags.precision ?? 0, '0')
  const digits = letter === 'X' ? lower.toUpperCase() : lower
  const sign = int.value < 0n ? '-' : flags.plus && letter !== 'v' ? '+' : flags.space ? ' ' : ''
  if (flags.precision === 0 && magnitude === 0n) return pad('', { ...flags, zero: false })
  const mark = flags.sharp && !(letter === 'o' && digits.startsWith('0')) ? prefix : ''
  const full = sign + (letter === 'O' ? `0o${mark}` : mark) + digits
  return pad(full, flags.precision === undefined ? flags : { ...flags, zero: false }, true)
}

/** `%#v`: the value as Go source. */
function goSyntax(value: Value): string {
  if (isNil(value)) return '<nil>'
  if (typeof value === 'string') return quoteGo(value)
  if (typeof value === 'number') return goDouble(value)
  if (value instanceof List) {
    return `${typeOf(value)}{${value.items.map(nested).join(', ')}}`
  }
  if (value instanceof Dict) {
    const parts = sortedKeys(value).map(
      (key) => `${quoteGo(key)}:${nested(value.entries.get(key))}`,
    )
    return `${typeOf(value)}{${parts.join(', ')}}`
  }
  return print(value)
}

function nested(value: Value): string {
  return isNil(value) ? 'interface {}(nil)' : goSyntax(value)
}
