import { ConfigError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'

/** A namespace that must be an object. */
export function objectAt(config: JsonValue, path: string): JsonObject {
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config
  throw unusable(config, path, 'a value of another type', 'an object')
}

/** 0 when absent. */
export function numberAt(config: JsonObject, key: string, path: string): number {
  const value = config[key] ?? 0
  if (typeof value === 'number') return value
  throw unusable(value, `${path}.${key}`, 'a value of another type', 'a number')
}

/** 0 when absent; digits behind the point are cut off, as in KrakenD. */
export function wholeAt(config: JsonObject, key: string, path: string): number {
  const value = numberAt(config, key, path)
  if (value >= 0) return Math.trunc(value)
  throw unusable(value, `${path}.${key}`, 'a value out of range', '0 or more')
}

/** '' when absent. */
export function textAt(config: JsonObject, key: string, path: string): string {
  const value = config[key] ?? ''
  if (typeof value === 'string') return value
  throw unusable(value, `${path}.${key}`, 'a value of another type', 'a string')
}

/** `false` when absent. */
export function flagAt(config: JsonObject, key: string, path: string): boolean {
  const value = config[key] ?? false
  if (typeof value === 'boolean') return value
  throw unusable(value, `${path}.${key}`, 'a value of another type', 'true or false')
}

/** What cannot work stops the start. */
export const unusable = (
  value: JsonValue,
  path: string,
  message: string,
  allowed: string,
): ConfigError =>
  new ConfigError([{ place: { path }, message, found: JSON.stringify(value), allowed }])
