import { scanJson } from '../../../decode/json-scan.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

const TEXTS = ['access_token', 'token_type', 'error', 'error_description', 'error_uri']

/** The JSON object of a token server. Throws in the words of Go's decoder for what is no JSON or of another type. */
export function tokenObject(text: string): JsonObject {
  const value = parsed(text)
  if (value === null) return {}
  if (!isObject(value))
    throw new Error(
      `json: cannot unmarshal ${goKind(value)} into Go value of type internal.tokenJSON`,
    )
  for (const [name, field] of Object.entries(value))
    if (TEXTS.includes(name) && field !== null && typeof field !== 'string') {
      const where = `Go struct field tokenJSON.${name} of type string`
      throw new Error(`json: cannot unmarshal ${goKind(field)} into ${where}`)
    }
  return value
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    const found = scanJson(Buffer.from(text))
    if (typeof found === 'string') throw new Error(/EOF$/.test(found) ? END : found)
    throw new Error('invalid character after top-level value')
  }
}
/** Where Go's decoder of streams says `EOF` or `unexpected EOF`. */
const END = 'unexpected end of JSON input'

function goKind(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
