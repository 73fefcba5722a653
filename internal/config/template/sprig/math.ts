import { randomInt } from 'node:crypto'
import { print } from '../format.ts'
import { type FuncMap, func, variadic } from '../func.ts'
import { Int, type Value } from '../value.ts'
import { toFloat64, toInt64, wrapInt64 } from './cast.ts'
import { type Decimal, decimalOf, divide, minus, plus, times, toNumber } from './decimal.ts'

const MAX_INT64 = 2n ** 63n - 1n

/** sprig's arithmetic: int64 that wraps around, and floats that calculate in decimal. */
export const math: FuncMap = {
  add: variadic([], 'any', (values) =>
    wrapInt64(values.reduce((sum, value) => sum + toInt64(value), 0n)),
  ),
  add1: func(['any'], (value) => wrapInt64(toInt64(value) + 1n)),
  sub: func(['any', 'any'], (left, right) => wrapInt64(toInt64(left) - toInt64(right))),
  div: func(['any', 'any'], (left, right) => wrapInt64(toInt64(left) / divisor(right))),
  mod: func(['any', 'any'], (left, right) => wrapInt64(toInt64(left) % divisor(right))),
  mul: variadic(['any'], 'any', (first, values) =>
    wrapInt64(values.reduce<bigint>((product, value) => product * toInt64(value), toInt64(first))),
  ),
  max: variadic(['any'], 'any', largest),
  biggest: variadic(['any'], 'any', largest),
  min: variadic(['any'], 'any', (first, values) => extreme([first, ...values], (a, b) => a < b)),
  maxf: variadic(['any'], 'any', (first, values) => Math.max(...[first, ...values].map(toFloat64))),
  minf: variadic(['any'], 'any', (first, values) => Math.min(...[first, ...values].map(toFloat64))),
  ceil: func(['any'], (value) => Math.ceil(toFloat64(value))),
  floor: func(['any'], (value) => Math.floor(toFloat64(value))),
  round: variadic(['any', 'int'], 'float64', round),
  add1f: func(['any'], (value) => decimals(value, [1], plus)),
  addf: variadic([], 'any', (values) => decimals(0, values, plus)),
  subf: variadic(['any'], 'any', (first, values) => decimals(first, values, minus)),
  mulf: variadic(['any'], 'any', (first, values) => decimals(first, values, times)),
  divf: variadic(['any'], 'any', (first, values) => decimals(first, values, divide)),
  int: func(['any'], (value) => new Int(toInt64(value))),
  int64: func(['any'], (value) => new Int(toInt64(value), 'int64')),
  float64: func(['any'], toFloat64),
  atoi: func(['string'], (text) => new Int(atoi(text))),
  toDecimal: func(['any'], (value) => new Int(octal(print(value)), 'int64')),
  randInt: func(['int', 'int'], (low, high) => {
    if (high <= low) throw new Error('invalid argument to Intn')
    return new Int(randomInt(low, high))
  }),
}

function divisor(value: Value): bigint {
  const number = toInt64(value)
  if (number === 0n) throw new Error('runtime error: integer divide by zero')
  return number
}

function largest(first: Value, values: readonly Value[]): Int {
  return extreme([first, ...values], (a, b) => a > b)
}

function extreme(values: readonly Value[], wins: (a: bigint, b: bigint) => boolean): Int {
  const [first = 0n, ...others] = values.map(toInt64)
  return wrapInt64(others.reduce((best, other) => (wins(other, best) ? other : best), first))
}

function round(value: Value, places: number, [roundOn = 0.5]: readonly number[]): number {
  const power = 10 ** places
  const digit = power * toFloat64(value)
  const fraction = digit - Math.trunc(digit)
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power
}

function decimals(
  first: Value,
  values: readonly Value[],
  operation: (left: Decimal, right: Decimal) => Decimal,
): number {
  return toNumber(
    values.reduce<Decimal>(
      (result, value) => operation(result, decimalOf(toFloat64(value))),
      decimalOf(toFloat64(first)),
    ),
  )
}

/** strconv.Atoi; what is too large becomes the largest, anything else 0. */
function atoi(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) return 0n
  const value = BigInt(text.replace(/^\+/, ''))
  if (value > MAX_INT64) return MAX_INT64
  return value < -MAX_INT64 - 1n ? -MAX_INT64 - 1n : value
}

function octal(text: string): bigint {
  const [, sign, digits] = /^([+-]?)([0-7]+)$/.exec(text) ?? []
  if (digits === undefined) return 0n
  const value = BigInt(`0o${digits}`)
  if (value > MAX_INT64) return 0n
  return sign === '-' ? -value : value
}
