import { hasChangedNumber, isRawNumber, parseExactly } from '../../../decode/numbers.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** Deeper than any token that somebody issues; walking it stays within the stack. */
const MAX_DEPTH = 128

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/**
 * The object in a token's part, or `undefined` when the text is none: no JSON, another value, nested too deep, or
 * with a key twice (which one counts would be anybody's guess). Numbers keep their value.
 */
export function strictObject(text: string): JsonObject | undefined {
  const shape = shapeOf(text)
  if (shape.depth > MAX_DEPTH) return undefined
  let value: JsonValue
  try {
    value = hasChangedNumber(text) ? parseExactly(text, false) : (JSON.parse(text) as JsonValue)
  } catch {
    // Whoever sent it is told no more than that the token is not valid.
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return memberCount(value) === shape.members ? value : undefined
}

/** How deep a text nests and how many members its objects are written with: colons that stand outside strings. */
function shapeOf(text: string): { depth: number; members: number } {
  let depth = 0
  let deepest = 0
  let members = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === COLON) members++
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (code === 0x7d || code === 0x5d) depth--
  }
  return { depth: deepest, members }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at
  }
  return text.length
}

function memberCount(value: JsonValue): number {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + memberCount(item), 0)
  let count = 0
  for (const key of Object.keys(value)) count += 1 + memberCount(value[key] as JsonValue)
  return count
}
