/** A decimal number: `digits` * 10^`exponent`. */
export type Decimal = { readonly digits: bigint; readonly exponent: number }

/** Digits a division keeps after the point. */
const DIVISION_DIGITS = 16

export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new Error(`Cannot create a Decimal from ${value}`)
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

export function toNumber({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`)
}

function rescale(value: Decimal, exponent: number): bigint {
  return value.digits * 10n ** BigInt(value.exponent - exponent)
}

export function plus(left: Decimal, right: Decimal): Decimal {
  const exponent = Math.min(left.exponent, right.exponent)
  return { digits: rescale(left, exponent) + rescale(right, exponent), exponent }
}

export function minus(left: Decimal, right: Decimal): Decimal {
  return plus(left, { digits: -right.digits, exponent: right.exponent })
}

export function times(left: Decimal, right: Decimal): Decimal {
  return { digits: left.digits * right.digits, exponent: left.exponent + right.exponent }
}

/** Rounds half away from zero. */
export function divide(left: Decimal, right: Decimal): Decimal {
  if (right.digits === 0n) throw new Error('decimal division by 0')
  // quotient * 10^-16: bring the dividend to the exponent that leaves 16 digits after the point.
  const power = left.exponent - right.exponent + DIVISION_DIGITS
  const dividend = power >= 0 ? left.digits * 10n ** BigInt(power) : left.digits
  const divisor = power >= 0 ? right.digits : right.digits * 10n ** BigInt(-power)
  const quotient = dividend / divisor
  const rest = dividend % divisor
  const isHalf = abs(rest) * 2n >= abs(divisor)
  const sign = dividend < 0n !== divisor < 0n ? -1n : 1n
  return { digits: isHalf ? quotient + sign : quotient, exponent: -DIVISION_DIGITS }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
