/** From this power of ten on, and below 1e-4, Go writes an exponent. */
const LARGE_POWER = 6

/**
 * A number as Prometheus's Go libraries print it (`strconv.FormatFloat(value, 'g', -1, 64)`): `262144`,
 * `1.048576e+06`, `2.1812e-05`. Bucket bounds are labels, so their spelling counts.
 */
export function goFloat(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  const magnitude = Math.abs(value)
  // Also NaN, and the case of nearly all values: Node and Go agree.
  if (!(magnitude >= 10 ** LARGE_POWER) && !(magnitude < 1e-4 && magnitude > 0))
    return String(value)
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
