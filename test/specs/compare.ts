import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, JsonValue } from '../../internal/pipe/pipe.ts'

/** A value that was seen; `undefined` where there is none. */
type Seen = JsonValue | undefined

/**
 * What `actual` has other than `expected`, one line each. `{"$matches": "regex"}` matches text, `{"$any": true}`
 * anything, `{"$absent": true}` a missing key; the order of keys does not matter.
 */
export function differences(expected: Seen, actual: Seen, at: string): string[] {
  if (Array.isArray(expected)) return differencesOfLists(expected, actual, at)
  if (isObject(expected))
    return match(expected, actual, at) ?? differencesOfObjects(expected, actual, at)
  return isDeepStrictEqual(expected, actual) ? [] : [unequal(expected, actual, at)]
}

function match(expected: JsonObject, actual: Seen, at: string): string[] | undefined {
  if (expected['$any'] === true) return actual === undefined ? [`${at}: missing`] : []
  if (expected['$absent'] === true)
    return actual === undefined ? [] : [`${at}: must be absent, is ${print(actual)}`]
  const pattern = expected['$matches']
  if (typeof pattern !== 'string') return undefined
  return new RegExp(pattern, 's').test(String(actual))
    ? []
    : [`${at}: ${print(actual)} does not match /${pattern}/`]
}

function differencesOfObjects(expected: JsonObject, actual: Seen, at: string): string[] {
  if (!isObject(actual)) return [unequal(expected, actual, at)]
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)])
  return [...keys].flatMap((key) =>
    Object.hasOwn(expected, key)
      ? differences(expected[key], own(actual, key), `${at}.${key}`)
      : [`${at}.${key}: unexpected ${print(actual[key])}`],
  )
}

function differencesOfLists(expected: readonly JsonValue[], actual: Seen, at: string): string[] {
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return [unequal(expected, actual, at)]
  return expected.flatMap((item, index) => differences(item, actual[index], `${at}[${index}]`))
}

const own = (object: JsonObject, key: string): Seen =>
  Object.hasOwn(object, key) ? object[key] : undefined
const isObject = (value: Seen): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const print = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
const unequal = (expected: unknown, actual: unknown, at: string): string =>
  `${at}: expected ${print(expected)}, got ${print(actual)}`
