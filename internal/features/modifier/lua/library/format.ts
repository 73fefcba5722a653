import { fromScript } from '../api/text.ts'
import { outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { goExponent, goFloat } from '../machine/number.ts'
import type { Running, Values } from '../machine/values.ts'
import { anyOf, numberOf } from './arguments.ts'
import { printed } from './base.ts'

const DIRECTIVE = /%([-+ #0]*)(\d*)(?:\.(\d*))?([\s\S]?)/g
/** Wider fields are a mistake, or meant to exhaust memory. */
const WIDEST = 1000

type Directive = {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly verb: string
}

/** `string.format`. */
export function* format(machine: Machine, args: Values): Running<Values> {
  const template = String(anyOf(machine, args, 1))
  let result = ''
  let position = 1
  let kept = 0
  for (const found of template.matchAll(DIRECTIVE)) {
    result += template.slice(kept, found.index)
    kept = found.index + found[0].length
    const directive = directiveOf(found)
    if (directive.verb === '%') result += '%'
    else result += yield* written(machine, args, ++position, directive)
  }
  result += template.slice(kept)
  machine.takeText(result.length)
  return [result]
}

function directiveOf([, flags = '', width, precision, verb = '']: RegExpMatchArray): Directive {
  if (Number(width) > WIDEST || Number(precision) > WIDEST) throw outOf('memory')
  return {
    flags,
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    verb,
  }
}

function* written(
  machine: Machine,
  args: Values,
  position: number,
  directive: Directive,
): Running<string> {
  const { verb, precision } = directive
  if (verb === 's') {
    const text = yield* printed(machine, anyOf(machine, args, position))
    return padded(text.slice(0, precision ?? text.length), directive, false)
  }
  if (verb === 'q') return quoted(String(anyOf(machine, args, position)))
  if (verb === '') return machine.fail("invalid option '%' to 'format'")
  const write = NUMBERS[verb]
  if (write === undefined) return machine.fail(`invalid option '%${verb}' to 'format'`)
  const value = numberOf(machine, args, position)
  if (verb === 'c') return padded(String.fromCharCode(value & 0xff), directive, false)
  return padded(signed(write(Math.abs(value), directive), value, directive), directive, true)
}

const whole = (radix: number) => (value: number, directive: Directive) =>
  BigInt(Number.isFinite(value) ? Math.trunc(value) : 0)
    .toString(radix)
    .padStart(directive.precision ?? 0, '0')

/** With the flag `#`. */
const marked =
  (mark: string, write: Write): Write =>
  (value, directive) =>
    `${directive.flags.includes('#') ? mark : ''}${write(value, directive)}`

const exponent = (text: string): string =>
  text.replace(/e([+-]\d+)$/, (_all, power: string) => `e${goExponent(Number(power))}`)

/** Without a precision Go's shortest form, as KrakenD prints it. */
function general(value: number, { precision, flags }: Directive): string {
  if (precision === undefined) return goFloat(value)
  const digits = precision || 1
  const power = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1])
  const isShort = power >= -4 && power < digits
  const text = isShort ? fixed(value, digits - 1 - power) : value.toExponential(digits - 1)
  if (flags.includes('#')) return exponent(text)
  return exponent(text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, ''))
}

/** Digits that tell a tie from what is close to it. */
const FURTHER = 40

/** A fixed number of decimals; a tie goes to the even digit, as in C and Go. */
function fixed(value: number, precision: number): string {
  const digits = Math.min(precision, 100)
  const text = value.toFixed(digits)
  const exact = value.toFixed(Math.min(digits + FURTHER, 100))
  const cut = exact.slice(0, exact.indexOf('.') + 1 + digits).replace(/\.$/, '')
  const isTie = /^50*$/.test(exact.slice(exact.indexOf('.') + 1 + digits))
  return isTie && /[02468]$/.test(cut) ? cut : text
}

type Write = (value: number, directive: Directive) => string
const upper =
  (write: Write): Write =>
  (value, directive) =>
    write(value, directive).toUpperCase()
const scientific: Write = (value, { precision = 6 }) => exponent(value.toExponential(precision))
const NUMBERS: Readonly<Record<string, Write>> = {
  c: () => '',
  d: whole(10),
  i: whole(10),
  u: whole(10),
  o: marked('0', whole(8)),
  x: marked('0x', whole(16)),
  X: upper(marked('0x', whole(16))),
  e: scientific,
  E: upper(scientific),
  f: (value, { precision = 6 }) => fixed(value, precision),
  F: (value, { precision = 6 }) => fixed(value, precision),
  g: general,
  G: upper(general),
}

function signed(digits: string, value: number, { flags }: Directive): string {
  const text = Number.isFinite(value) ? digits : Number.isNaN(value) ? 'NaN' : 'Inf'
  if (value < 0) return `-${text}`
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}

function padded(text: string, { flags, width }: Directive, isNumber: boolean): string {
  // Go counts letters, not bytes.
  const gap = ' '.repeat(Math.max(0, width - fromScript(text).length))
  if (flags.includes('-')) return text + gap
  if (!flags.includes('0') || !isNumber) return gap + text
  const [sign = ''] = /^[-+ ]?/.exec(text) ?? []
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}

const quoted = (text: string): string =>
  `"${text
    .replace(/["\\\n]/g, '\\$&')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\000')}"`
