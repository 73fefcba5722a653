import { ConfigError } from '../errors.ts'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { parseDuration } from './duration.ts'

/** Reads the options that stand at `at`. Throws a `ConfigError`, as each of their readers does. */
export const optionsOf = (config: JsonValue, at: string): Options => new Options(config, at)

/** What a namespace holds, read by its feature. `null` counts as absent, as in KrakenD; another type is an error. */
export class Options {
  /** Where the namespace stands, for messages. */
  readonly at: string
  readonly #values: JsonObject

  constructor(config: JsonValue, at: string) {
    this.at = at
    this.#values = typed(config, at, OBJECT)
  }

  /** Where a key stands, for messages. */
  path(key: string): string {
    return `${this.at}.${key}`
  }

  has(key: string): boolean {
    return this.value(key) !== undefined
  }

  /** Whatever stands there. */
  value(key: string): JsonValue | undefined {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined
  }

  /** `''` when absent. */
  text(key: string): string {
    return this.#given(key, TEXT) ?? ''
  }

  /** A text that must be there. */
  required(key: string): string {
    const text = this.text(key)
    if (text !== '') return text
    throw unusable(text, this.path(key), 'nothing', 'a string')
  }

  /** None when absent; `what` says what each is. */
  texts(key: string, what = 'string'): readonly string[] {
    const lists: Type<JsonValue[]> = { name: `a list of ${what}s`, is: Array.isArray }
    const each: Type<string> = { ...TEXT, name: `a ${what}` }
    const list = this.#given(key, lists) ?? []
    return list.map((one, index) => typed(one, this.path(`${key}[${index}]`), each))
  }

  flag(key: string, byDefault = false): boolean {
    return this.#given(key, FLAG) ?? byDefault
  }

  number(key: string): number | undefined {
    return this.#given(key, NUMBER)
  }

  /** 0 when absent; digits behind the point are cut off, as in KrakenD. */
  whole(key: string, least = Number.NEGATIVE_INFINITY): number {
    const number = this.number(key) ?? 0
    if (number >= least) return Math.trunc(number)
    throw unusable(number, this.path(key), 'a value out of range', `${least} or more`)
  }

  /** 0 when absent; digits behind the point are an error. */
  integer(key: string): number {
    return this.#given(key, INTEGER) ?? 0
  }

  /** An object; empty when absent. */
  object(key: string): JsonObject {
    return this.#given(key, OBJECT) ?? {}
  }

  /** Texts by name. */
  table(key: string): ReadonlyMap<string, string> {
    const entries = Object.entries(this.object(key))
    return new Map(
      entries.map(([name, one]) => [name, typed(one, this.path(`${key}.${name}`), TEXT)]),
    )
  }

  /** Milliseconds; `undefined` when absent. */
  duration(key: string): number | undefined {
    if (!this.has(key)) return undefined
    const text = this.text(key)
    const parsed = parseDuration(text)
    if ('ms' in parsed) return parsed.ms
    throw this.wrong(key, `${parsed.reason} ${JSON.stringify(text)}`, 'such as 10s or 1m30s')
  }

  /** One of `known`, or an error that lists them. */
  oneOf<Name extends string>(key: string, known: readonly Name[]): Name {
    const name = this.text(key)
    const found = known.find((one) => one === name)
    if (found !== undefined) return found
    const message = name === '' ? 'is missing' : `unknown: ${JSON.stringify(name)}`
    throw this.wrong(key, message, known.join(', '))
  }

  /** An error about `key` that does not show what stands there: it may be a secret. */
  wrong(key: string, message: string, allowed?: string): ConfigError {
    return new ConfigError([{ place: { path: this.path(key) }, message, allowed }])
  }

  #given<T>(key: string, type: Type<T>): T | undefined {
    const value = this.value(key)
    return value === undefined ? undefined : typed(value, this.path(key), type)
  }
}

/** An error about the value at `path`, which it shows: what cannot work stops the start. */
export const unusable = (
  value: JsonValue,
  path: string,
  message: string,
  allowed: string,
): ConfigError =>
  new ConfigError([{ place: { path }, message, found: JSON.stringify(value), allowed }])

/** An error about a value that is not what was wanted. */
export const wrongType = (value: JsonValue, path: string, wanted: string): ConfigError =>
  unusable(value, path, 'a value of another type', wanted)

type Type<T> = { readonly name: string; is(value: JsonValue): value is T & JsonValue }

const OBJECT: Type<JsonObject> = { name: 'an object', is: isObject }
const TEXT: Type<string> = { name: 'a string', is: (value) => typeof value === 'string' }
const FLAG: Type<boolean> = { name: 'true or false', is: (value) => typeof value === 'boolean' }
const NUMBER: Type<number> = { name: 'a number', is: (value) => typeof value === 'number' }
const INTEGER: Type<number> = {
  name: 'a whole number',
  is: (value): value is number => Number.isSafeInteger(value),
}

function typed<T>(value: JsonValue, path: string, { name, is }: Type<T>): T {
  if (is(value)) return value
  throw wrongType(value, path, name)
}
