import { print, sprint, sprintf, sprintln } from './format.ts'
import { type FuncMap, func, variadic } from './func.ts'
import { quoteGo } from './quote.ts'
import {
  compareStrings,
  Dict,
  Int,
  isNil,
  isTrue,
  kindOf,
  List,
  lengthOf,
  Missing,
  Struct,
  Time,
  typeOf,
  type Value,
} from './value.ts'

/** The functions text/template itself brings. */
export const builtins: FuncMap = {
  // The evaluator stops `and` and `or` early, so these bodies only tell how many arguments they take.
  and: variadic(['any'], 'any', (first, rest) => rest.at(-1) ?? first),
  or: variadic(['any'], 'any', (first, rest) => rest.at(-1) ?? first),
  not: func(['any'], (value) => !isTrue(value)),
  len: func(['any'], length),
  index: variadic(['any'], 'any', index),
  slice: variadic(['any'], 'any', slice),
  call: variadic(['any'], 'any', (value) => refuseCall(value)),
  print: variadic([], 'any', sprint),
  println: variadic([], 'any', sprintln),
  printf: variadic(['string'], 'any', sprintf),
  html: variadic([], 'any', (values) => escapeHtml(evalArgs(values))),
  js: variadic([], 'any', (values) => escapeJs(evalArgs(values))),
  urlquery: variadic([], 'any', (values) => escapeQuery(evalArgs(values))),
  eq: variadic(['any'], 'any', equal),
  ne: func(['any', 'any'], (left, right) => !equal(left, [right])),
  lt: func(['any', 'any'], less),
  le: func(['any', 'any'], (left, right) => less(left, right) || equal(left, [right])),
  gt: func(['any', 'any'], (left, right) => !(less(left, right) || equal(left, [right]))),
  ge: func(['any', 'any'], (left, right) => !less(left, right)),
}

function evalArgs(values: readonly Value[]): string {
  const [only] = values
  if (values.length !== 1 || !(isNil(only) || typeof only === 'string')) return sprint(values)
  if (only instanceof Missing) throw new Error(`map has no entry for key ${quoteGo(only.key)}`)
  return typeof only === 'string' ? only : '<no value>'
}

function length(value: Value): Value {
  if (isNil(value)) throw new Error('reflect: call of reflect.Value.Type on zero Value')
  const size = lengthOf(value)
  if (size === undefined) throw new Error(`len of type ${typeOf(value)}`)
  return new Int(size)
}

function refuseCall(value: Value): never {
  throw new Error(
    isNil(value) ? 'call of nil' : `non-function ${print(value)} of type ${typeOf(value)}`,
  )
}

function position(value: Value, limit: number): number {
  if (isNil(value)) throw new Error('cannot index slice/array with nil')
  if (!(value instanceof Int)) {
    throw new Error(`cannot index slice/array with type ${typeOf(value)}`)
  }
  if (value.value < 0n || value.value > BigInt(limit)) {
    throw new Error(`index out of range: ${value.value}`)
  }
  return Number(value.value)
}

function index(value: Value, keys: readonly Value[]): Value {
  if (isNil(value)) throw new Error('index of untyped nil')
  let item: Value = value
  for (const key of keys) item = indexOnce(item, key)
  return item
}

function indexOnce(item: Value, key: Value): Value {
  if (isNil(item)) throw new Error('index of nil pointer')
  if (item instanceof Dict) return indexDict(item, key)
  const size = lengthOf(item)
  if (size === undefined) throw new Error(`can't index item of type ${typeOf(item)}`)
  const at = position(key, size)
  if (at >= size) throw new Error(`reflect: ${kindOf(item)} index out of range`)
  if (item instanceof List) return item.items[at]
  return new Int(Buffer.from(String(item)).readUInt8(at), 'uint8')
}

function indexDict(dict: Dict, key: Value): Value {
  if (isNil(key)) throw new Error('value is nil; should be of type string')
  if (typeof key !== 'string') {
    throw new Error(`value has type ${typeOf(key)}; should be string`)
  }
  if (dict.entries.has(key)) return dict.entries.get(key)
  if (dict.element === 'string') return ''
  return new Missing(key)
}

function slice(value: Value, bounds: readonly Value[]): Value {
  if (isNil(value)) throw new Error('slice of untyped nil')
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`)
  if (typeof value === 'string' && bounds.length === 3) {
    throw new Error('cannot 3-index slice a string')
  }
  if (typeof value !== 'string' && !(value instanceof List)) {
    throw new Error(`can't slice item of type ${typeOf(value)}`)
  }
  const size = lengthOf(value) ?? 0
  const [start = 0, end = size, limit = size] = bounds.map((bound) => position(bound, size))
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`)
  if (end > limit) throw new Error(`invalid slice index: ${end} > ${limit}`)
  if (value instanceof List) return new List(value.items.slice(start, end), value.element)
  return Buffer.from(value).subarray(start, end).toString()
}

type BasicKind = 'bool' | 'int' | 'float' | 'string' | undefined

function basicKind(value: Value): BasicKind {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'string') return 'string'
  return value instanceof Int ? 'int' : undefined
}

function equal(left: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison')
  return others.some((other) => equalOnce(left, other))
}

function equalOnce(left: Value, right: Value): boolean {
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right)
  if (basicKind(left) !== basicKind(right)) throw incompatible(left, right)
  if (left instanceof Int && right instanceof Int) return left.value === right.value
  if (basicKind(left) !== undefined) return left === right
  if (kindOf(left) !== kindOf(right)) {
    throw new Error(
      `non-comparable types ${print(left)}: ${typeOf(left)}, ${typeOf(right)}: ${print(right)}`,
    )
  }
  if (right instanceof List || right instanceof Dict) {
    throw new Error(`non-comparable type ${print(right)}: ${typeOf(right)}`)
  }
  if (left instanceof Time && right instanceof Time) return left.nanoseconds === right.nanoseconds
  return left instanceof Struct && right instanceof Struct && print(left) === print(right)
}

function incompatible(left: Value, right: Value): Error {
  return new Error(`incompatible types for comparison: ${typeOf(left)} and ${typeOf(right)}`)
}

function less(left: Value, right: Value): boolean {
  const [leftKind, rightKind] = [basicKind(left), basicKind(right)]
  if (leftKind === undefined || rightKind === undefined) {
    throw new Error('invalid type for comparison')
  }
  if (leftKind !== rightKind) throw incompatible(left, right)
  if (left instanceof Int && right instanceof Int) return left.value < right.value
  if (typeof left === 'number' && typeof right === 'number') return left < right
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right) < 0
  throw new Error('invalid type for comparison')
}

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
}

function escapeHtml(text: string): string {
  return text.replace(/["'&<>\0]/g, (char) => HTML[char] ?? char)
}

function escapeJs(text: string): string {
  return text.replace(/[\s\S]/gu, (char) => {
    if (char === '\\' || char === "'" || char === '"') return `\\${char}`
    const code = char.codePointAt(0) ?? 0
    const isPlain =
      code >= 0x80 ? quoteGo(char) === `"${char}"` : code >= 0x20 && !'<>&='.includes(char)
    return isPlain ? char : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
  })
}

/** url.QueryEscape. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
