import { sprintf } from '../../../../config/template/format.ts'
import { Int } from '../../../../config/template/value.ts'
import { fromScript, toScript } from '../api/text.ts'
import { outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { parseNumber } from '../machine/number.ts'
import { type Running, typeName, type Value, type Values } from '../machine/values.ts'
import { textOf } from './arguments.ts'
import { type Field, formattedText, isLong, longText } from './format-text.ts'

const DIRECTIVE =
  /%([-+ #0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(\*|\d*)(?=[\s\S]))?((?:[\xc2-\xf4][\x80-\xbf]+|[\s\S])?)/g
/** Wider fields are a mistake, or meant to exhaust memory. */
const WIDEST = 1000
/** What JavaScript rounds numbers to. */
const MOST_DIGITS = 100
const STEPS_OF_DIRECTIVE = 32
const STEPS_OF_DIGIT = 16

type Directive = Field & {
  readonly verb: string
  /** What Go says of a `*`, whose width would have to be a whole number of Go's. */
  readonly complaint: string
  /** The argument that is asked for by its place, counted from 0. */
  readonly place: number | undefined
}

/** `string.format`, which is Go's `Sprintf` in KrakenD: what does not fit is told in the text. */
export function* format(machine: Machine, args: Values): Running<Values> {
  const template = textOf(machine, args, 1)
  const given = args.slice(1, 1 + times(template, '%') - times(template, '%%'))
  let [result, kept, next, isReordered] = ['', 0, 0, false]
  for (const found of template.matchAll(DIRECTIVE)) {
    const directive = directiveOf(found)
    const { verb, place, complaint } = directive
    if (complaint !== '') next++
    if (place !== undefined) [isReordered, next] = [true, place]
    const text = yield* argument(machine, given, next, directive)
    if (verb !== '' && verb !== '%') next++
    const piece = template.slice(kept, found.index) + complaint + text
    machine.takeText(piece.length)
    machine.steps -= STEPS_OF_DIRECTIVE + STEPS_OF_DIGIT * (directive.precision ?? 0)
    yield* machine.rest()
    result += piece
    kept = found.index + found[0].length
  }
  result += template.slice(kept)
  return [isReordered ? result : result + extra(machine, given.slice(next))]
}

function times(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}

function directiveOf([
  ,
  flags = '',
  place,
  width,
  precision,
  verb = '',
]: RegExpMatchArray): Directive {
  if (Number(width) > WIDEST || Number(precision) > WIDEST) throw outOf('memory')
  const complaints = [width === '*' ? '%!(BADWIDTH)' : '', precision === '*' ? '%!(BADPREC)' : '']
  return {
    flags,
    width: width === '*' ? 0 : Number(width ?? 0),
    precision: precision === '*' || precision === undefined ? undefined : Number(precision),
    verb,
    complaint: complaints.join(''),
    place: place === undefined ? undefined : Number(place) - 1,
  }
}

/** What a directive makes of its argument. */
function* argument(
  machine: Machine,
  given: Values,
  at: number,
  directive: Directive,
): Running<string> {
  const { verb, place } = directive
  if (verb === '') return '%!(NOVERB)'
  if (verb === '%') return '%'
  if (at < 0 || at >= given.length)
    return `%!${verb}(${place === undefined ? 'MISSING' : 'BADINDEX'})`
  const value = given[at]
  if (verb === 'p' || verb === 'w') return unfit(goType(value), machine.print(value), directive)
  if (verb === 'T') return formattedText(goType(value), { ...directive, verb: 's' })
  if (typeof value === 'number') return formattedNumber(machine, value, directive)
  if (typeof value === 'string')
    return isLong(value, directive)
      ? yield* longText(machine, value, directive)
      : formattedString(machine, value, directive)
  return formattedOther(machine, value, directive)
}

const extra = (machine: Machine, values: Values): string =>
  values.length === 0
    ? ''
    : `%!(EXTRA ${values.map((value) => `${goType(value)}=${machine.print(value)}`).join(', ')})`

const WHOLE = new Set('bcdoxXU')
const FLOATING = new Set('eEfFgG')

function formattedNumber(machine: Machine, value: number, directive: Directive): string {
  const { verb } = directive
  if (verb === 'q' || verb === 's') return formattedText(machine.print(value), directive)
  if (verb === 'i' || verb === 'u') return spelled(int64(value), { ...directive, verb: 'd' })
  if (WHOLE.has(verb)) return spelled(int64(value), directive)
  const isWhole = !FLOATING.has(verb) && Number.isInteger(value) && hasPlace(value)
  return spelled(isWhole ? int64(value) : value, directive)
}

const hasPlace = (value: number): boolean => value >= -(2 ** 63) && value < 2 ** 63

/** A float64 as Go makes it an int64: what has no place there is the lowest. */
function int64(value: number): Int {
  return new Int(hasPlace(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n), 'int64')
}

function spelled(value: Int | number, { flags, width, precision, verb }: Directive): string {
  const digits = 'eEgG'.includes(verb) ? Math.min(precision ?? 0, MOST_DIGITS) : precision
  const point = precision === undefined ? '' : `.${digits}`
  return toScript(sprintf(`%${flags}${width || ''}${point}${fromScript(verb)}`, [value]))
}

/** A text that is a number is one where Go would complain, as in Lua 5.1. */
function formattedString(machine: Machine, text: string, directive: Directive): string {
  const { verb } = directive
  const number = parseNumber(text)
  if (verb === 'd' || verb === 'i')
    return number === undefined
      ? spelled(int64(0), { ...directive, verb: 'd' })
      : formattedText(text, { ...directive, verb: 's' })
  return number === undefined || !AS_NUMBER.has(verb)
    ? formattedText(text, directive)
    : formattedNumber(machine, number, directive)
}
const AS_NUMBER = new Set([...FLOATING, ...'ucoi'])

function formattedOther(machine: Machine, value: Value, directive: Directive): string {
  const { verb } = directive
  const text = machine.print(value)
  if (verb === 't' && typeof value === 'boolean')
    return formattedText(text, { ...directive, verb: 's' })
  if (PRINTS.has(verb)) return formattedText(text, directive)
  return value === undefined ? '&{}' : unfit(goType(value), text, directive)
}

/** Go's words for a value that a verb has nothing to say of. */
const unfit = (type: string, text: string, directive: Directive): string =>
  `%!${directive.verb}(${type}=${formattedText(text, { ...directive, verb: 's', precision: undefined })})`
const PRINTS = new Set('svqxX')

/** What Go calls the types of gopher-lua. */
const goType = (value: Value): string => GO_TYPES[typeName(value)] ?? '*lua.LTable'
const GO_TYPES: Readonly<Record<string, string>> = {
  boolean: 'lua.LBool',
  channel: 'lua.LChannel',
  function: '*lua.LFunction',
  nil: '*lua.LNilType',
  number: 'lua.LNumber',
  string: 'lua.LString',
  thread: '*lua.LState',
  userdata: '*lua.LUserData',
}
