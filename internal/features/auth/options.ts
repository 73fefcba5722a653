import { parseDuration } from '../../config/duration.ts'
import { ConfigError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'

/** What a namespace of the family holds. `null` counts as absent, as in KrakenD; another type is an error. */
export type Options = {
  /** Where a key stands, for messages. */
  path(key: string): string
  has(key: string): boolean
  /** `''` when absent. */
  text(key: string): string
  texts(key: string): readonly string[]
  flag(key: string, byDefault?: boolean): boolean
  number(key: string): number | undefined
  /** Milliseconds; `undefined` when absent. */
  duration(key: string): number | undefined
  /** Whatever stands there. */
  value(key: string): JsonValue | undefined
  /** One of `known`, or an error that lists them. */
  oneOf<Name extends string>(key: string, known: readonly Name[]): Name
  /** An error about `key`. */
  wrong(key: string, message: string, allowed?: string): ConfigError
}

/** Reads the options that stand at `at`. */
export function optionsOf(config: JsonValue, at: string): Options {
  if (!isObject(config)) throw new ConfigError('must be an object', { path: at })
  const path = (key: string): string => `${at}.${key}`
  const value = (key: string): JsonValue | undefined =>
    Object.hasOwn(config, key) ? (config[key] ?? undefined) : undefined
  const wrong = (key: string, message: string, allowed?: string): ConfigError =>
    new ConfigError([
      { place: { path: path(key) }, message, ...(allowed === undefined ? {} : { allowed }) },
    ])
  const typed = <T>(
    key: string,
    type: string,
    is: (found: JsonValue) => found is T & JsonValue,
  ) => {
    const found = value(key)
    if (found !== undefined && !is(found))
      throw wrong(key, `a value of another type: ${JSON.stringify(found)}`, type)
    return found
  }
  const text = (key: string): string => typed(key, 'a string', isText) ?? ''
  return {
    path,
    value,
    wrong,
    text,
    has: (key) => value(key) !== undefined,
    texts: (key) => typed(key, 'a list of strings', isTexts) ?? [],
    flag: (key, byDefault = false) => typed(key, 'true or false', isFlag) ?? byDefault,
    number: (key) => typed(key, 'a number', isNumber),
    duration(key) {
      if (value(key) === undefined) return undefined
      const parsed = parseDuration(text(key))
      if ('ms' in parsed) return parsed.ms
      throw wrong(key, `${parsed.reason} ${JSON.stringify(text(key))}`, 'such as 10s or 1m30s')
    },
    oneOf<Name extends string>(key: string, known: readonly Name[]): Name {
      const name = text(key)
      const found = known.find((one) => one === name)
      if (found !== undefined) return found
      throw wrong(
        key,
        name === '' ? 'is missing' : `unknown: ${JSON.stringify(name)}`,
        known.join(', '),
      )
    },
  }
}

/** Whether a JSON value is an object: neither null nor a list. */
export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: JsonValue): value is string => typeof value === 'string'
const isTexts = (value: JsonValue): value is string[] => Array.isArray(value) && value.every(isText)
const isFlag = (value: JsonValue): value is boolean => typeof value === 'boolean'
const isNumber = (value: JsonValue): value is number => typeof value === 'number'
