import type { JsonValue } from '../../../pipe/pipe.ts'

/** Whether `value` is a whole multiple of `of`, by their decimal digits: 0.3 is one of 0.1. */
export function isMultiple(value: number, of: number): boolean {
  if (!Number.isFinite(value)) return false
  const [one, other] = [decimal(value), decimal(of)]
  const power = Math.min(one.power, other.power)
  return (
    (one.digits * 10n ** BigInt(one.power - power)) %
      (other.digits * 10n ** BigInt(other.power - power)) ===
    0n
  )
}

/** A double is at most 17 digits and a power of ten. */
function decimal(value: number): { readonly digits: bigint; readonly power: number } {
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), power: Number(power) - fraction.length }
}

/** The places of the first two equal items, or `undefined`; in time linear to the size of all. */
export function duplicates(items: readonly JsonValue[]): readonly [number, number] | undefined {
  const places = new Map<string, number>()
  for (const [place, item] of items.entries()) {
    const text = canonical(item)
    const before = places.get(text)
    if (before !== undefined) return [before, place]
    places.set(text, place)
  }
  return undefined
}

export const isSame = (one: JsonValue, other: JsonValue): boolean =>
  canonical(one) === canonical(other)

/** The same text for equal values, whatever the order of their keys. */
export function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`
}
