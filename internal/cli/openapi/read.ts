import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'

/** A text that says something. */
export function textAt(object: JsonObject, key: string): string | undefined {
  const value = object[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function textsAt(object: JsonObject, key: string): string[] {
  return (listAt(object, key) ?? []).filter((each) => typeof each === 'string')
}

export function listAt(object: JsonObject, key: string): JsonValue[] | undefined {
  const value = object[key]
  return Array.isArray(value) ? value : undefined
}

export function objectAt(object: JsonObject, key: string): JsonObject | undefined {
  const value = object[key]
  return isObject(value) ? value : undefined
}

/** The objects of a list. */
export function objectsAt(object: JsonObject, key: string): JsonObject[] {
  return (listAt(object, key) ?? []).filter(isObject)
}

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object without the keys that have no value. */
export function without(parts: { readonly [name: string]: JsonValue | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(parts).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  )
}
