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
  return goFloat(value)
}

/** Go's `%v` of a float64. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power < -4 || power >= 6) return `${digits}e${goExponent(power)}`
  return plain(value)
}

/** At least two digits, with a sign. */
export const goExponent = (power: number): string =>
  `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`

/** JavaScript writes small numbers with an exponent a little earlier than Go. */
function plain(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
}
