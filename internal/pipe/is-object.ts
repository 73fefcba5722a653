import type { JsonObject, JsonValue } from './pipe.ts'

/** Whether a JSON value is an object: neither null nor a list. */
export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
