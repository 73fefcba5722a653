import { isRawNumber } from '../../../decode/numbers.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { JmespathError } from './lexer.ts'

/** What an argument is: a value, or an expression (`&name`). */
export type Argument = JsonValue | ((value: JsonValue) => JsonValue)
export type JmespathFunction = {
  readonly least: number
  readonly most: number
  readonly run: (args: readonly Argument[]) => JsonValue
}

/** The type that JMESPath gives a value. */
export function typeOf(value: Argument): string {
  if (typeof value === 'function') return 'expression'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'object' && isRawNumber(value) ? 'number' : typeof value
}

/** A number as such, also one that is kept as its text. */
export const numberOf = (value: JsonValue): number =>
  typeof value === 'number' ? value : Number((value as { rawJSON?: string }).rawJSON)

const wrong = (name: string, wanted: string, value: Argument): JmespathError =>
  new JmespathError(`${name}() takes ${wanted}, not ${typeOf(value)}`)

function number(name: string, value: Argument = null): number {
  if (typeOf(value) !== 'number') throw wrong(name, 'a number', value)
  return numberOf(value as JsonValue)
}
function text(name: string, value: Argument = null): string {
  if (typeof value !== 'string') throw wrong(name, 'a string', value)
  return value
}
function list(name: string, value: Argument = null): JsonValue[] {
  if (!Array.isArray(value)) throw wrong(name, 'an array', value)
  return value
}
function object(name: string, value: Argument = null): JsonObject {
  if (typeOf(value) !== 'object') throw wrong(name, 'an object', value)
  return value as JsonObject
}
function expression(name: string, value: Argument = null): (value: JsonValue) => JsonValue {
  if (typeof value !== 'function') throw wrong(name, 'an expression (&...)', value)
  return value
}
function numbers(name: string, value: Argument = null): number[] {
  return list(name, value).map((item) => number(name, item))
}

/** Order by code point, or by size; only values of one of these types have one. */
function compare(name: string, one: JsonValue, other: JsonValue): number {
  if (typeof one === 'string' && typeof other === 'string')
    return Buffer.compare(Buffer.from(one), Buffer.from(other))
  if (typeOf(one) === 'number' && typeOf(other) === 'number') return numberOf(one) - numberOf(other)
  throw wrong(name, 'numbers or strings only', typeOf(one) === 'number' ? other : one)
}

/** Values with their keys, the smallest first; equal ones keep their order. */
function sorted(name: string, items: readonly JsonValue[], keyOf = (item: JsonValue) => item) {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }))
  // Also a single key must have an order.
  for (const { key } of keyed) compare(name, key, keyed[0]?.key ?? key)
  return keyed.sort((one, other) => compare(name, one.key, other.key)).map(({ item }) => item)
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function asNumber(value: JsonValue): JsonValue {
  if (typeOf(value) === 'number') return value
  if (typeof value !== 'string' || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value))
    return null
  return Number(value)
}

function reversed(value: Argument): JsonValue {
  if (typeof value === 'string') return [...value].reverse().join('')
  return [...list('reverse', value)].reverse()
}

function contains(value: Argument, wanted: JsonValue): boolean {
  if (typeof value === 'string') return typeof wanted === 'string' && value.includes(wanted)
  return list('contains', value).some((item) => isSame(item, wanted))
}

function lengthOf(value: Argument): number {
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  return Object.keys(object('length', value)).length
}

/** Whether two values are the same by what they hold. */
export function isSame(one: JsonValue, other: JsonValue): boolean {
  const type = typeOf(one)
  if (type !== typeOf(other)) return false
  if (type === 'number') return isSameNumber(one, other)
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => isSame(item, other[at] ?? null))
  if (type !== 'object') return one === other
  const keys = Object.keys(one as JsonObject)
  return (
    keys.length === Object.keys(other as JsonObject).length &&
    keys.every(
      (key) =>
        Object.hasOwn(other as JsonObject, key) &&
        isSame((one as JsonObject)[key] as JsonValue, (other as JsonObject)[key] as JsonValue),
    )
  )
}

/** Numbers beyond a double are the same when their texts are. */
const isSameNumber = (one: JsonValue, other: JsonValue): boolean =>
  typeof one === 'object' && typeof other === 'object'
    ? JSON.stringify(one) === JSON.stringify(other)
    : numberOf(one) === numberOf(other)

type Run = JmespathFunction['run']
const ANY = Number.POSITIVE_INFINITY
const entry = (name: string, least: number, run: Run, most = least) =>
  [name, { least, most, run }] as const
const values = (args: readonly Argument[], name: string): JsonValue[] =>
  args.map((arg) => {
    if (typeof arg === 'function') throw wrong(name, 'a value', arg)
    return arg
  })
const value = (arg: Argument = null, name = ''): JsonValue => values([arg], name)[0] as JsonValue

/** Every function of JMESPath, by name. */
export const FUNCTIONS: ReadonlyMap<string, JmespathFunction> = new Map([
  entry('abs', 1, ([a]) => Math.abs(number('abs', a))),
  entry('avg', 1, ([a]) => {
    const all = numbers('avg', a)
    return all.length === 0 ? null : all.reduce((sum, each) => sum + each, 0) / all.length
  }),
  entry('ceil', 1, ([a]) => Math.ceil(number('ceil', a))),
  entry('contains', 2, ([a, b]) => contains(a ?? null, value(b, 'contains'))),
  entry('ends_with', 2, ([a, b]) => text('ends_with', a).endsWith(text('ends_with', b))),
  entry('floor', 1, ([a]) => Math.floor(number('floor', a))),
  entry('join', 2, ([a, b]) =>
    list('join', b)
      .map((item) => text('join', item))
      .join(text('join', a)),
  ),
  entry('keys', 1, ([a]) => Object.keys(object('keys', a))),
  entry('length', 1, ([a]) => lengthOf(a ?? null)),
  entry('map', 2, ([a, b]) => list('map', b).map(expression('map', a))),
  entry('max', 1, ([a]) => sorted('max', list('max', a)).at(-1) ?? null),
  entry(
    'max_by',
    2,
    ([a, b]) => sorted('max_by', list('max_by', a), expression('max_by', b)).at(-1) ?? null,
  ),
  entry(
    'merge',
    1,
    (all) => Object.fromEntries(all.flatMap((each) => Object.entries(object('merge', each)))),
    ANY,
  ),
  entry('min', 1, ([a]) => sorted('min', list('min', a))[0] ?? null),
  entry(
    'min_by',
    2,
    ([a, b]) => sorted('min_by', list('min_by', a), expression('min_by', b))[0] ?? null,
  ),
  entry('not_null', 1, (all) => values(all, 'not_null').find((each) => each !== null) ?? null, ANY),
  entry('reverse', 1, ([a]) => reversed(a ?? null)),
  entry('sort', 1, ([a]) => sorted('sort', list('sort', a))),
  entry('sort_by', 2, ([a, b]) => sorted('sort_by', list('sort_by', a), expression('sort_by', b))),
  entry('starts_with', 2, ([a, b]) => text('starts_with', a).startsWith(text('starts_with', b))),
  entry('sum', 1, ([a]) => numbers('sum', a).reduce((sum, each) => sum + each, 0)),
  entry('to_array', 1, ([a]) => (Array.isArray(a) ? a : [value(a, 'to_array')])),
  entry('to_number', 1, ([a]) => asNumber(value(a, 'to_number'))),
  entry('to_string', 1, ([a]) => textOf(value(a, 'to_string'))),
  entry('type', 1, ([a]) => typeOf(a ?? null)),
  entry('values', 1, ([a]) => Object.values(object('values', a))),
])
