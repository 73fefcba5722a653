import { isRawNumber, numberText } from '../../../decode/numbers.ts'
import { headerValues } from '../../../pipe/headers.ts'
import type { HeaderList, JsonObject, JsonValue, Params, QueryList } from '../../../pipe/pipe.ts'
import {
  EvaluationError,
  ListValue,
  type MapValue,
  plainNumber,
  Uint,
  type Value,
} from './values.ts'

/** How JSON numbers look to expressions: as their text (Go's `json.Number`), or as doubles. */
export type Numbers = 'text' | 'double'

/** A JSON value as expressions see it. */
export function fromJson(value: JsonValue, numbers: Numbers): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' || isRawNumber(value))
    return numbers === 'text' ? numberText(value) : Number(numberText(value))
  if (Array.isArray(value))
    return new ListValue(value.length, (index) => fromJson(value[index] ?? null, numbers))
  return jsonMap(value, (item) => fromJson(item, numbers))
}

/** An object; only its own keys count. */
export function jsonMap(
  object: JsonObject,
  read: (item: JsonValue, key: string) => Value,
): MapValue {
  return {
    kind: 'map',
    get size() {
      return Object.keys(object).length
    },
    get: (key) =>
      typeof key === 'string' && Object.hasOwn(object, key)
        ? read(object[key] ?? null, key)
        : undefined,
    keys: () => Object.keys(object),
  }
}

/** Texts by name. */
export function textMap(texts: Params): MapValue {
  return jsonMap(texts as JsonObject, (text) => text as string)
}

/** Header lines: canonical name to all its values. */
export function headerMap(headers: HeaderList): MapValue {
  return lineMap(headers, (name) => headerValues(headers, name.toLowerCase()).map(utf8))
}

/** Query parameters: name to all its values. */
export function queryMap(query: QueryList): MapValue {
  return lineMap(query, (name) =>
    query.filter((_value, at) => at % 2 === 1 && query[at - 1] === name),
  )
}

function lineMap(list: readonly string[], values: (name: string) => string[]): MapValue {
  const names = (): string[] => [...new Set(list.filter((_name, at) => at % 2 === 0))]
  const has = (key: string): boolean => {
    for (let at = 0; at < list.length; at += 2) if (list[at] === key) return true
    return false
  }
  return {
    kind: 'map',
    get size() {
      return names().length
    },
    get: (key) => (typeof key === 'string' && has(key) ? ListValue.of(values(key)) : undefined),
    keys: names,
  }
}

/** Header values come one character a byte. */
const utf8 = (text: string): string =>
  /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString() : text

/** A map written in an expression; the last of equal keys counts. */
export function literalMap(entries: readonly (readonly [Value, Value])[]): MapValue {
  const byKey = new Map(entries.map((entry) => [keyText(entry[0]), entry]))
  return {
    kind: 'map',
    size: byKey.size,
    get: (key) => byKey.get(keyText(key))?.[1],
    keys: () => [...byKey.values()].map(([key]) => key),
  }
}

/** Numbers of one value are one key, whatever their kind. */
function keyText(key: Value): string {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'boolean') return `b${key}`
  if (typeof key === 'bigint' || typeof key === 'number' || key instanceof Uint)
    return `n${plainNumber(key)}`
  throw new EvaluationError('unsupported key type')
}
