import { goDouble } from '../../../../pipe/go-double.ts'

const NUMERAL =
  /^[ \t\n]*([+-]?)(?:(0[xX][0-9A-Fa-f]+)|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?))[ \t\n]*$/

/** Longer ones would take time that nobody counts. */
export const LONGEST_NUMERAL = 512

/** The number that a text is, as Lua reads it where a number is wanted; `undefined` when it is none. */
export function parseNumber(text: string): number | undefined {
  if (text.length > LONGEST_NUMERAL) return undefined
  const found = NUMERAL.exec(text)
  if (found === null) return undefined
  const value = Number(found[2] ?? found[3])
  return found[1] === '-' ? -value : value
}

/** Whole numbers that gopher-lua prints without an exponent: what a 64-bit integer holds. */
const WHOLE_LIMIT = 2 ** 63

/** A number as gopher-lua prints it: whole ones as digits, others as Go's shortest `%v` (`1e+20`, `+Inf`). */
export function numberText(value: number): string {
  if (Number.isInteger(value) && value >= -WHOLE_LIMIT && value < WHOLE_LIMIT)
    return Number.isSafeInteger(value) ? (value === 0 ? '0' : `${value}`) : BigInt(value).toString()
  return goDouble(value)
}
