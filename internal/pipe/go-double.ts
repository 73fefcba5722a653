/** From this power of ten on, Go prints an exponent where it prints as few digits as it can. */
const EXPONENT_FROM = 6
const SMALLEST_PLAIN = -4

/** A number as Go's `strconv.FormatFloat(value, 'g', -1, 64)` prints it: `1.5`, `1e+06`, `+Inf`. */
export function goDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  // JavaScript itself turns to exponents only outside these bounds.
  if (exponent >= SMALLEST_PLAIN && exponent < EXPONENT_FROM) return String(value)
  const places = String(Math.abs(exponent)).padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${places}`
}
