import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Path } from './problem.ts'

/** What stands at `path`; `undefined` where there is nothing. */
export function valueAt(document: JsonObject, path: Path): JsonValue | undefined {
  let here: JsonValue | undefined = document
  for (const part of path) here = childOf(here, part)
  return here
}

/** The member or item of a value. */
export function childOf(
  value: JsonValue | undefined,
  part: string | number,
): JsonValue | undefined {
  if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, part) ? value[part] : undefined
}
