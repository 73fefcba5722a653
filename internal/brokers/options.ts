import { ConfigError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

/** A namespace that must be an object. */
export function objectAt(config: JsonValue, path: string): JsonObject {
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config
  throw unusable(config, path, 'a value of another type', 'an object')
}

/** '' when absent. */
export function textAt(config: JsonObject, key: string, path: string): string {
  const value = config[key] ?? ''
  if (typeof value === 'string') return value
  throw unusable(value, `${path}.${key}`, 'a value of another type', 'a string')
}

/** A text that must be there. */
export function requiredAt(config: JsonObject, key: string, path: string): string {
  const value = textAt(config, key, path)
  if (value !== '') return value
  throw unusable(value, `${path}.${key}`, 'nothing', 'a string')
}

/** `false` when absent. */
export function flagAt(config: JsonObject, key: string, path: string): boolean {
  const value = config[key] ?? false
  if (typeof value === 'boolean') return value
  throw unusable(value, `${path}.${key}`, 'a value of another type', 'true or false')
}

/** A whole number; 0 when absent. */
export function wholeAt(config: JsonObject, key: string, path: string): number {
  const value = config[key] ?? 0
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw unusable(value, `${path}.${key}`, 'a value of another type', 'a whole number')
}

/** None when absent. */
export function textsAt(config: JsonObject, key: string, path: string): readonly string[] {
  const value = config[key] ?? []
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw unusable(value, `${path}.${key}`, 'a value of another type', 'a list of strings')
}

/** What cannot work stops the start. */
export const unusable = (
  value: JsonValue,
  path: string,
  message: string,
  allowed: string,
): ConfigError =>
  new ConfigError([{ place: { path }, message, found: JSON.stringify(value), allowed }])
