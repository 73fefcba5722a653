/** Go's words for what is not a finite number; `undefined` for the finite ones. */
export function nonFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : undefined
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : ''
}

/** Go writes at least two digits of exponent. */
function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function positional(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length)
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

/** `%e` with a precision; without one, as few digits as identify the number. */
export function formatExponent(value: number, precision: number | undefined): string {
  const special = nonFinite(value)
  if (special !== undefined) return special
  const text = precision === undefined ? value.toExponential() : exponential(value, precision)
  const [mantissa = '', exponent = '0'] = text.split('e')
  const sign = Object.is(value, -0) ? '-' : ''
  return sign + mantissa + exponentText(Number(exponent))
}

/** As many digits as tell a tie from what is close to it. */
const MOST_DIGITS = 100

/** toExponential, which breaks exact ties upward, where Go goes to even. */
function exponential(value: number, precision: number): string {
  const rounded = value.toExponential(precision)
  const [mantissa = '', exponent = ''] = value.toExponential(MOST_DIGITS).split('e')
  const end = mantissa.indexOf('.') + 1 + precision
  const kept = mantissa.slice(0, end).replace(/\.$/, '')
  const isTie = /^50*$/.test(mantissa.slice(end))
  return isTie && /[02468]$/.test(kept) ? `${kept}e${exponent}` : rounded
}

/** `%f` with a precision: exact decimal rounding, half to even of the true binary value. */
export function formatFixed(value: number, precision: number): string {
  const special = nonFinite(value)
  if (special !== undefined) return special
  const sign = signOf(value)
  const magnitude = Math.abs(value)
  if (magnitude < 1e21) return sign + fixed(magnitude, precision)
  const whole = BigInt(magnitude).toString()
  return sign + (precision === 0 ? whole : `${whole}.${'0'.repeat(precision)}`)
}

/** toFixed takes at most 100 digits, and breaks exact ties upward where Go goes to even. */
function fixed(magnitude: number, precision: number): string {
  const { numerator, scale } = exactFraction(magnitude)
  const shifted = numerator * 10n ** BigInt(precision)
  const quotient = shifted / scale
  const twice = (shifted % scale) * 2n
  const roundsUp = twice > scale || (twice === scale && quotient % 2n === 1n)
  const digits = String(roundsUp ? quotient + 1n : quotient).padStart(precision + 1, '0')
  if (precision === 0) return digits
  return `${digits.slice(0, -precision)}.${digits.slice(-precision)}`
}

function exactFraction(magnitude: number): { numerator: bigint; scale: bigint } {
  let scaled = magnitude
  let scale = 1n
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    scale *= 2n
  }
  return { numerator: BigInt(scaled), scale }
}

/** `%g` with a precision: significant digits, trailing zeros dropped. */
export function formatSignificant(value: number, precision: number): string {
  const special = nonFinite(value)
  if (special !== undefined) return special
  const count = Math.max(precision, 1)
  if (value === 0) return `${signOf(value)}0`
  const [mantissa = '', exponentDigits = '0'] = exponential(Math.abs(value), count - 1).split('e')
  const exponent = Number(exponentDigits)
  const digits = mantissa.replace('.', '').replace(/0+$/, '') || '0'
  if (exponent < -4 || exponent >= Math.max(count, digits.length)) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    return `${signOf(value)}${digits[0]}${fraction}${exponentText(exponent)}`
  }
  return signOf(value) + positional(digits, exponent + 1)
}

/** `%x`: a hexadecimal mantissa between 1 and 2 and a binary exponent. */
export function formatHex(value: number): string {
  const special = nonFinite(value)
  if (special !== undefined) return special
  let mantissa = Math.abs(value)
  if (mantissa === 0) return `${signOf(value)}0x0p+00`
  let exponent = 0
  for (; mantissa >= 2; exponent++) mantissa /= 2
  for (; mantissa < 1; exponent--) mantissa *= 2
  const power = String(Math.abs(exponent)).padStart(2, '0')
  return `${signOf(value)}0x${mantissa.toString(16)}p${exponent < 0 ? '-' : '+'}${power}`
}
