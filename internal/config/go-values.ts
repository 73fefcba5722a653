import type { JsonValue } from '../pipe/pipe.ts'

/** Go's name of a parsed value's type. */
export function goType(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object' && value !== null) return 'map[string]interface {}'
  return typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : 'string'
}

/** A number as Go's `%f` without trailing zeros writes it: no exponent. */
export function goNumber(value: number): string {
  const text = String(value)
  return text.includes('e') && Number.isInteger(value) ? BigInt(value).toString() : text
}

/** `strconv.ParseInt(text, 0, 64)`: decimal, 0x, 0o, 0b, a leading 0 as octal, `_` between digits. */
export function goInteger(text: string): number | undefined {
  const match = /^([+-]?)(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]*|[1-9][\d_]*)$/.exec(text)
  if (match === null || /__|_$/.test(text)) return undefined
  const digits = (match[2] ?? '').replaceAll('_', '')
  const octal = /^0[oO]?([0-7]+)$/.exec(digits)?.[1]
  const number = octal === undefined ? Number(digits) : Number.parseInt(octal, 8)
  return match[1] === '-' ? -number : number
}

/** `strconv.ParseFloat`, decimal. */
export function goFloat(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}
