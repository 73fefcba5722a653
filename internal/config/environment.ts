import type { Place } from '../errors.ts'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import type { ParsedDocument } from './positions.ts'
import type { Locate } from './problem.ts'

const PREFIX = 'KRAKEND_'

/**
 * The document with the root keys that `KRAKEND_*` variables set, also ones the file does not have. The rest of the
 * name is the key in small letters; a dot in it goes one level down. Values are texts: decoding converts them.
 */
export function withEnvironment(document: JsonObject, env: NodeJS.ProcessEnv): JsonObject {
  let result = document
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || value === undefined || variable === PREFIX) continue
    result = withValue(result, variable.slice(PREFIX.length).toLowerCase().split('.'), value)
  }
  return result
}

function withValue(object: JsonObject, keys: readonly string[], value: string): JsonObject {
  const [key, ...deeper] = keys
  if (key === undefined) return object
  const inner = Object.hasOwn(object, key) ? object[key] : undefined
  const next = deeper.length === 0 ? value : withValue(isObject(inner) ? inner : {}, deeper, value)
  // `fromEntries`, not spread: only it makes an own key of `__proto__`.
  return Object.fromEntries([
    ...Object.entries(object).filter(([name]) => name !== key),
    [key, next],
  ])
}

/** Finds places as `parsed` does, but says which variable it was where one set the value. */
export function environmentPlaces(
  file: string,
  env: NodeJS.ProcessEnv,
  parsed: ParsedDocument,
): Locate {
  const variables = new Map(
    Object.keys(env)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => [name.slice(PREFIX.length).toLowerCase().split('.')[0], name]),
  )
  return (path, atKey) => {
    const [key] = path
    const variable = typeof key === 'string' ? variables.get(key) : undefined
    return variable === undefined ? { file, ...parsed.locate(path, atKey) } : { file: variable }
  }
}

/** Whether a place is a variable and not in the file. */
export function isFromEnvironment({ file }: Place): boolean {
  return file?.startsWith(PREFIX) ?? false
}
