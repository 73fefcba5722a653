import { isRawNumber } from '../decode/numbers.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

const UNSAFE_IN_HTML = /[<>&\u2028\u2029]/g
const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Compact JSON with sorted keys and what HTML minds escaped, byte for byte as Go's `json.Marshal` writes it. */
export function goJson(value: JsonValue): string {
  if (typeof value === 'string') return textJson(value)
  if (typeof value !== 'object' || value === null || isRawNumber(value))
    return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  const members = sortedKeys(value).map(
    (key) => `${textJson(key)}:${goJson(value[key] as JsonValue)}`,
  )
  return `{${members.join(',')}}`
}

const textJson = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(UNSAFE_IN_HTML, escaped)

/** In the order of their UTF-8 bytes. */
export function sortedKeys(object: JsonObject): string[] {
  const keys = Object.keys(object)
  return keys.every(isAscii)
    ? keys.sort()
    : keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** Whether a text has ASCII characters only. */
export const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)
