import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { jsonFailure } from './json-failure.ts'
import type { Position } from './positions.ts'

export type ParsedJson =
  | { readonly document: JsonObject }
  | { readonly reason: string; readonly position: Position | undefined }

/** Parses a JSON document. A failure has Go's words and its place. */
export function parseJson(bytes: Buffer): ParsedJson {
  let value: JsonValue
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    return jsonFailure(bytes)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { document: value }
  if (value === null) return { document: {} }
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return {
    reason: `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
    position: { line: 1, column: 1 },
  }
}
