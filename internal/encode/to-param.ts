import { isRawNumber, numberText } from '../decode/numbers.ts'
import type { JsonValue } from '../pipe/pipe.ts'
import { withinStack } from './within-stack.ts'

/**
 * A value as the text a later backend's URL or a header gets: texts as they are, lists joined by commas,
 * numbers as written, the rest as Go prints it (`<nil>`, `map[a:1 b:2]`).
 */
export function toParam(value: JsonValue): string {
  if (typeof value === 'string') return value
  return withinStack(() => (Array.isArray(value) ? value.map(goText).join(',') : goText(value)))
}

/** Go's `%v`. */
function goText(value: JsonValue): string {
  if (value === null) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' || isRawNumber(value)) return numberText(value)
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  const fields = Object.keys(value)
    .sort(byBytes)
    .map((key) => `${key}:${goText(value[key] ?? null)}`)
  return `map[${fields.join(' ')}]`
}

/** Go's order of strings. Differs from JavaScript's for characters beyond U+FFFF. */
export function byBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Halves of characters beyond U+FFFF come after everything else, as their bytes do. */
const rank = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
