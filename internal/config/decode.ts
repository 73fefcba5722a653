import { goBoolean } from '../pipe/go-boolean.ts'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { currentNamespace } from './aliases.ts'
import { parseDuration } from './duration.ts'
import { goFloat, goInteger, goNumber, goType } from './go-values.ts'
import type { Fields, Kind } from './kinds.ts'
import { type Finding, shown } from './problem.ts'

/** Go's names of the types a value can have, for messages. */
const GO_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  int: 'int',
  uint16: 'uint16',
  float: 'float64',
  bool: 'bool',
  duration: 'time.Duration',
  extra: 'config.ExtraConfig',
  texts: 'map[string]string',
}
const ALLOWED: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  uint16: 'a whole number from 0 to 65535',
  float: 'a number',
  bool: 'true or false',
  duration: 'a duration such as 300ms, 2s or 1h30m',
  extra: 'an object',
  texts: 'an object of texts',
  list: 'a list',
  fields: 'an object',
}
const MAX_UINT16 = 65_535

/** What decoding made of a value: absent when it was `null` or no such value can be. */
type Decoded = JsonValue | undefined

export type Decoding = { readonly document: JsonObject; readonly findings: readonly Finding[] }

/**
 * Converts a parsed document to the types of its keys as loosely as KrakenD does: numbers and booleans in quotes,
 * one value for a list, keys in any case. Keys it does not know stay as they are. Everything impossible is a finding.
 */
export function decode(value: JsonObject, fields: Fields): Decoding {
  const decoder = new Decoder()
  return { document: decoder.object(value, fields), findings: decoder.findings }
}

class Decoder {
  readonly findings: Finding[] = []
  readonly #path: (string | number)[] = []

  /** The object itself when nothing in it had to be converted: most documents are right, and large ones must load fast. */
  object(value: JsonObject, fields: Fields): JsonObject {
    const entries: [string, JsonValue][] = []
    let isChanged = false
    for (const key of Object.keys(value)) {
      const name = fieldName(key, value, fields)
      const raw = value[key] as JsonValue
      const decoded = name === undefined ? (raw ?? undefined) : this.#member(name, raw, fields)
      if (decoded !== undefined) entries.push([name ?? key, decoded])
      if (decoded !== raw || (name !== undefined && name !== key)) isChanged = true
    }
    return isChanged ? fromEntries(entries) : value
  }

  #member(name: string, raw: JsonValue, fields: Fields): Decoded {
    const kind = fields[name]
    if (kind === undefined) return raw
    this.#path.push(name)
    const decoded = this.#value(raw, kind)
    this.#path.pop()
    return decoded
  }

  #value(value: JsonValue, kind: Kind): Decoded {
    if (value === null) return undefined
    if (typeof kind === 'object')
      return 'list' in kind ? this.#list(value, kind.list) : this.#fields(value, kind.fields)
    switch (kind) {
      case 'string':
        return this.#string(value)
      case 'bool':
        return this.#bool(value)
      case 'duration':
        return this.#duration(value)
      case 'extra':
        return this.#map(value, kind, (item) => item)
      case 'texts':
        return this.#map(value, kind, (item) => this.#string(item))
      default:
        return this.#number(value, kind)
    }
  }

  #string(value: JsonValue): Decoded {
    if (typeof value === 'string') return value
    if (typeof value === 'number') return goNumber(value)
    if (typeof value === 'boolean') return value ? '1' : '0'
    return this.#unconvertible(value, 'string')
  }

  #bool(value: JsonValue): Decoded {
    if (typeof value === 'boolean') return value
    if (typeof value === 'number') return value !== 0
    if (typeof value !== 'string') return this.#unconvertible(value, 'bool')
    const parsed = value === '' ? false : goBoolean(value)
    if (parsed !== undefined) return parsed
    return this.#refuse(
      `cannot parse value as 'bool': strconv.ParseBool: invalid syntax`,
      value,
      'bool',
    )
  }

  #number(value: JsonValue, kind: 'int' | 'uint16' | 'float'): Decoded {
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value === 'string') return this.#numberOfText(value, kind)
    if (typeof value !== 'number') return this.#unconvertible(value, kind)
    return this.#inRange(kind === 'float' ? value : Math.trunc(value), value, kind)
  }

  #numberOfText(value: string, kind: 'int' | 'uint16' | 'float'): Decoded {
    const text = value === '' ? '0' : value
    const number = kind === 'float' ? goFloat(text) : goInteger(text)
    if (number !== undefined) return this.#inRange(number, value, kind)
    const parser = { int: 'ParseInt', uint16: 'ParseUint', float: 'ParseFloat' }[kind]
    return this.#refuse(
      `cannot parse value as '${GO_TYPES[kind]}': strconv.${parser}: invalid syntax`,
      value,
      kind,
    )
  }

  #inRange(number: number, value: JsonValue, kind: 'int' | 'uint16' | 'float'): Decoded {
    const fits =
      kind === 'float'
        ? Number.isFinite(number)
        : Number.isSafeInteger(number) && (kind === 'int' || (number >= 0 && number <= MAX_UINT16))
    return fits
      ? number
      : this.#refuse(`cannot parse value as '${GO_TYPES[kind]}': value out of range`, value, kind)
  }

  #duration(value: JsonValue): Decoded {
    if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value)
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value !== 'string') return this.#unconvertible(value, 'duration')
    const parsed = parseDuration(value)
    return 'ms' in parsed ? value : this.#refuse(parsed.reason, value, 'duration')
  }

  #list(value: JsonValue, kind: Kind): Decoded {
    if (!Array.isArray(value)) return this.#listOfOne(value, kind)
    let isChanged = false
    const items: JsonValue[] = []
    for (const [at, item] of value.entries()) {
      this.#path.push(at)
      const decoded = item === null ? this.#nullItem(kind) : this.#value(item, kind)
      this.#path.pop()
      if (decoded !== undefined) items.push(decoded)
      if (decoded !== item) isChanged = true
    }
    return isChanged ? items : value
  }

  /** A single value is a list of one; an empty object is an empty list. */
  #listOfOne(value: JsonValue, kind: Kind): Decoded {
    if (isObject(value) && Object.keys(value).length === 0) return []
    this.#path.push(0)
    const decoded = this.#value(value, kind)
    this.#path.pop()
    return decoded === undefined ? [] : [decoded]
  }

  /** KrakenD crashes on an object that is `null`; texts and numbers become empty. */
  #nullItem(kind: Kind): Decoded {
    if (kind === 'string') return ''
    if (typeof kind !== 'object') return 0
    return this.#refuse('expected a map or struct, got "null"', null, 'fields')
  }

  #fields(value: JsonValue, fields: Fields): Decoded {
    if (isObject(value)) return this.object(value, fields)
    const kind = Array.isArray(value) ? 'slice' : goType(value)
    return this.#refuse(`expected a map or struct, got "${kind}"`, value, 'fields')
  }

  #map(value: JsonValue, kind: 'extra' | 'texts', convert: (item: JsonValue) => Decoded): Decoded {
    const object = isObject(value) ? value : this.#merged(value, kind)
    if (object === undefined) return undefined
    const entries: [string, JsonValue][] = []
    let isChanged = object !== value
    for (const key of Object.keys(object)) {
      const item = object[key] as JsonValue
      this.#path.push(key)
      const decoded = item === null ? this.#nullMember(kind, key) : convert(item)
      if (decoded !== undefined) entries.push([key, decoded])
      if (decoded !== item) isChanged = true
      this.#path.pop()
    }
    return isChanged ? fromEntries(entries) : object
  }

  /** `null` counts as absent; a guard of identities that is lost so would leave its endpoint open. */
  #nullMember(kind: 'extra' | 'texts', key: string): undefined {
    if (kind !== 'extra' || !currentNamespace(key).startsWith('auth/')) return undefined
    return this.#refuse(
      'null would leave it open: leave the key out where that is meant',
      null,
      kind,
    )
  }

  /** Objects in a list become one. */
  #merged(value: JsonValue, kind: 'extra' | 'texts'): JsonObject | undefined {
    if (!Array.isArray(value)) return this.#unconvertible(value, kind)
    const at = value.findIndex((item) => !isObject(item))
    if (at < 0) return fromEntries(value.flatMap((item) => Object.entries(item ?? {})))
    this.#path.push(at)
    const refused = this.#unconvertible(value[at] ?? null, kind)
    this.#path.pop()
    return refused
  }

  #unconvertible(value: JsonValue, kind: string): undefined {
    return this.#refuse(
      `expected type '${GO_TYPES[kind]}', got unconvertible type '${goType(value)}'`,
      value,
      kind,
    )
  }

  #refuse(message: string, value: JsonValue, kind: string): undefined {
    const allowed = ALLOWED[kind]
    const extra = allowed === undefined ? {} : { allowed }
    this.findings.push({
      path: [...this.#path],
      message,
      isDecoding: true,
      found: shown(value),
      ...extra,
    })
    return undefined
  }
}

/** The field `key` fills: by its exact name, else by its name in another case unless the exact one is there too. */
function fieldName(key: string, value: JsonObject, fields: Fields): string | undefined {
  if (Object.hasOwn(fields, key)) return key
  const lower = key.toLowerCase()
  return Object.hasOwn(fields, lower) && !Object.hasOwn(value, lower) ? lower : undefined
}

/** `Object.fromEntries`, which alone makes an own key of `__proto__`. */
function fromEntries(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries(entries)
}
