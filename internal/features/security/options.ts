import { ConfigError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'

/** What a namespace holds, read by its feature. A value that is `null` counts as absent, as in KrakenD. */
export type Options = {
  /** Where a key stands, for messages. */
  path(key: string): string
  has(key: string): boolean
  texts(key: string): readonly string[]
  text(key: string): string
  flag(key: string): boolean
  /** 0 when absent; digits behind the point are cut off. */
  whole(key: string): number
  /** Texts by name. */
  table(key: string): ReadonlyMap<string, string>
}

/** Reads the options that stand at `at`. A value of another kind would silently switch a guard off: it is an error. */
export function optionsOf(config: JsonValue, at: string): Options {
  if (!isObject(config)) throw wrong(config, at, 'an object')
  const path = (key: string): string => `${at}.${key}`
  const value = (key: string): JsonValue | undefined =>
    Object.hasOwn(config, key) ? (config[key] ?? undefined) : undefined
  const texts = (found: JsonValue, key: string): string[] => {
    if (!Array.isArray(found)) throw wrong(found, path(key), 'a list of strings')
    return found.map((item, index) => asText(item, `${path(key)}[${index}]`))
  }
  return {
    path,
    has: (key) => value(key) !== undefined,
    texts: (key) => texts(value(key) ?? [], key),
    text: (key) => asText(value(key) ?? '', path(key)),
    flag(key) {
      const found = value(key) ?? false
      if (typeof found !== 'boolean') throw wrong(found, path(key), 'true or false')
      return found
    },
    whole(key) {
      const found = value(key) ?? 0
      if (typeof found !== 'number') throw wrong(found, path(key), 'a number')
      return Math.trunc(found)
    },
    table(key) {
      const found = value(key) ?? {}
      if (!isObject(found)) throw wrong(found, path(key), 'an object')
      return new Map(
        Object.entries(found).map(([name, text]) => [name, asText(text, `${path(key)}.${name}`)]),
      )
    },
  }
}

function asText(value: JsonValue, path: string): string {
  if (typeof value !== 'string') throw wrong(value, path, 'a string')
  return value
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const wrong = (value: JsonValue, path: string, allowed: string): ConfigError =>
  new ConfigError([
    {
      place: { path },
      message: 'a value of another type',
      found: JSON.stringify(value),
      allowed,
    },
  ])
