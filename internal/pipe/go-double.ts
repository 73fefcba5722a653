/** From this power of ten on, and below 1e-4, Go writes an exponent. */
const LARGE = 1e6
const SMALL = 1e-4

/**
 * A number in as few digits as identify it, as Go's `strconv.FormatFloat(value, 'g', -1, 64)` prints it: `1.5`,
 * `1e+06`, `2.1812e-05`, `+Inf`. In templates, metrics, scripts and messages: each is read by others, so spelling counts.
 */
export function goDouble(value: number): string {
  const magnitude = Math.abs(value)
  // Nearly all: JavaScript prints them alike.
  if (magnitude >= SMALL && magnitude < LARGE) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
