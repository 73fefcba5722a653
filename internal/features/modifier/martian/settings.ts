import { ConfigError } from '../../../errors.ts'
import { canonicalHeader } from '../../../pipe/headers.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { onWire } from '../../../pipe/wire-text.ts'
import type { Modifier } from './modifier.ts'

/** Reads the modifier that `value` holds at `path`. */
export type ReadModifier = (value: JsonValue | undefined, path: string) => Modifier

/** What one modifier is configured with. `null` counts as absent; a value of another type stops the start. */
export class Settings {
  readonly path: string
  readonly #values: JsonObject
  readonly #read: ReadModifier

  constructor(values: JsonObject, path: string, read: ReadModifier) {
    this.#values = values
    this.path = path
    this.#read = read
  }

  value(key: string): JsonValue | undefined {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined
  }

  /** `''` when absent. */
  text(key: string): string {
    const value = this.value(key) ?? ''
    if (typeof value !== 'string') throw this.wrong(key, 'a value of another type', 'a string')
    return value
  }

  flag(key: string): boolean {
    const value = this.value(key) ?? false
    if (typeof value !== 'boolean')
      throw this.wrong(key, 'a value of another type', 'true or false')
    return value
  }

  /** 0 when absent. */
  whole(key: string): number {
    const value = this.value(key) ?? 0
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw this.wrong(key, 'a value of another type', 'a whole number')
    return value
  }

  texts(key: string): readonly string[] {
    const value = this.value(key) ?? []
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      throw this.wrong(key, 'a value of another type', 'a list of strings')
    return value
  }

  list(key: string): readonly JsonValue[] {
    const value = this.value(key) ?? []
    if (!Array.isArray(value)) throw this.wrong(key, 'a value of another type', 'a list')
    return value
  }

  /** A header's canonical name; one that no message could carry stops the start. */
  headerName(key: string): string {
    return this.#headerName(key, this.text(key))
  }

  headerNames(key: string): readonly string[] {
    return this.texts(key).map((name, at) => this.#headerName(`${key}[${at}]`, name))
  }

  /** What a header may hold, as it is sent: no line ends, which would start a header of their own. */
  headerValue(key: string): string {
    const value = this.text(key)
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
      throw this.wrong(key, 'a header value with a control character')
    return onWire(value)
  }

  /** The modifier under `key`. */
  modifier(key: string): Modifier {
    return this.#read(this.value(key), `${this.path}.${key}`)
  }

  /** The modifier under `key`, or none. */
  optionalModifier(key: string): Modifier {
    return this.value(key) === undefined ? {} : this.modifier(key)
  }

  /** The modifiers of a list, by its items. */
  modifiers(
    key: string,
    modifierOf: (item: JsonValue, path: string) => readonly [JsonValue | undefined, string],
  ): readonly Modifier[] {
    return this.list(key).map((item, at) =>
      this.#read(...modifierOf(item, `${this.path}.${key}[${at}]`)),
    )
  }

  /** What is wrong with the value under `key`. */
  wrong(key: string, message: string, allowed?: string): ConfigError {
    const value = this.value(key)
    return new ConfigError([
      {
        place: { path: `${this.path}.${key}` },
        message,
        found: value === undefined ? undefined : JSON.stringify(value),
        allowed,
      },
    ])
  }

  #headerName(key: string, name: string): string {
    if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return canonicalHeader(name)
    throw new ConfigError([
      {
        place: { path: `${this.path}.${key}` },
        message: 'no name of a header',
        found: JSON.stringify(name),
      },
    ])
  }
}
