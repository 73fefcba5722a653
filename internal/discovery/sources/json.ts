import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { DiscoveryError } from '../discovery.ts'

/** Parses what a registry sent; what is no JSON is a broken answer of `who`. */
export function parseJson(text: string, who: string): JsonValue {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DiscoveryError('broken', `${who}: the answer is not JSON`, error)
  }
}

export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

/** A list; an object is one of one, as XML that was turned into JSON has it. `undefined` for anything else. */
export function asList(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (Array.isArray(value)) return value
  return asObject(value) === undefined ? undefined : [value as JsonObject]
}

export function asText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
