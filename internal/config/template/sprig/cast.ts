import { print } from '../format.ts'
import { Int, List, type Value } from '../value.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** Anything as an int64, the way sprig's arithmetic reads it; what is no number is 0. */
export function toInt64(value: Value): bigint {
  if (value instanceof Int) return value.value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return floatToInt(value)
  if (typeof value !== 'string') return 0n
  // "8.0" is the integer 8.
  const int = parseInt64(value.replace(/\.0+$/, ''))
  return int ?? 0n
}

function floatToInt(value: number): bigint {
  // What amd64 gives for a float that does not fit.
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return INT64_MIN
  return BigInt(Math.trunc(value))
}

/** strconv.ParseInt with base 0: prefixes 0x, 0o, 0b, a leading 0 for octal, and underscores. */
function parseInt64(text: string): bigint | undefined {
  const [, sign, digits = ''] = /^([+-]?)(\w+)$/.exec(text) ?? []
  if (sign === undefined || /__|_$|^_/.test(digits)) return undefined
  const plain = digits.replaceAll('_', '').toLowerCase()
  if (plain !== digits.toLowerCase() && !/^0/.test(plain) && digits.includes('_')) {
    return bounded(sign, /^\d+$/.test(plain) ? BigInt(plain) : undefined)
  }
  if (/^0x[0-9a-f]+$|^0o[0-7]+$|^0b[01]+$/.test(plain)) return bounded(sign, BigInt(plain))
  if (/^0[0-7]+$/.test(plain)) return bounded(sign, BigInt(`0o${plain.slice(1)}`))
  return bounded(sign, /^(?:0|[1-9]\d*)$/.test(plain) ? BigInt(plain) : undefined)
}

function bounded(sign: string, magnitude: bigint | undefined): bigint | undefined {
  if (magnitude === undefined) return undefined
  const value = sign === '-' ? -magnitude : magnitude
  return value > INT64_MAX || value < INT64_MIN ? undefined : value
}

/** Arithmetic of int64 wraps around. */
export function wrapInt64(value: bigint): Int {
  return new Int(BigInt.asIntN(64, value), 'int64')
}

/** Anything as a float64; what is no number is 0. */
export function toFloat64(value: Value): number {
  if (typeof value === 'number') return value
  if (value instanceof Int) return Number(value.value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') return 0
  if (/^[+-]?inf(?:inity)?$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity
  if (/^nan$/i.test(value)) return Number.NaN
  const text = value.replaceAll('_', '')
  const isNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : 0
}

/** sprig's strval. */
export function toText(value: Value): string {
  return typeof value === 'string' ? value : print(value)
}

/** A list of strings as Go's []string. */
export function stringList(items: readonly string[]): List {
  return new List(items, 'string')
}
