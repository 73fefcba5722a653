import { isRawNumber } from '../../../decode/numbers.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** What must hold of every token (RFC 7519, 4.1). */
export type Expected = {
  /** `''`: any. */
  readonly issuer: string
  /** All of them; empty: any. */
  readonly audience: readonly string[]
  readonly leewayMs: number
}
/** When a token is good, leeway included: milliseconds since the epoch. */
export type Lifetime = { readonly fromMs: number; readonly untilMs: number }

/** Times beyond Go's 64-bit seconds are no times. */
const MOST_SECONDS = 2 ** 63

/** When the claims hold, or why they never do. */
export function lifetimeOf(claims: JsonObject, expected: Expected): Lifetime | string {
  const { issuer, audience, leewayMs } = expected
  const own = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined)
  for (const name of ['iss', 'sub', 'jti'])
    if (!isTextOrNothing(own(name))) return `the claim ${name} is no string`
  if (issuer !== '' && own('iss') !== issuer) return 'validation failed, invalid issuer claim (iss)'
  const given = audienceOf(own('aud'))
  if (given === undefined) return 'expected string or array value to unmarshal to Audience'
  if (!audience.every((one) => given.includes(one)))
    return 'validation failed, invalid audience claim (aud)'
  const [exp, nbf, iat] = [secondsOf(own('exp')), secondsOf(own('nbf')), secondsOf(own('iat'))]
  if (Number.isNaN(exp ?? 0) || Number.isNaN(nbf ?? 0) || Number.isNaN(iat ?? 0))
    return 'expected number value to unmarshal NumericDate'
  return {
    fromMs: Math.max(nbf ?? -Infinity, iat ?? -Infinity) * 1000 - leewayMs,
    untilMs: exp === undefined ? Infinity : exp * 1000 + leewayMs,
  }
}

/** Why claims do not hold now, in go-jose's words; `undefined` when they do. */
export function untimely({ fromMs, untilMs }: Lifetime, nowMs: number): string | undefined {
  if (nowMs < fromMs) return 'validation failed, token not valid yet (nbf, iat)'
  return nowMs > untilMs ? 'validation failed, token is expired (exp)' : undefined
}

const isTextOrNothing = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || typeof value === 'string'

function audienceOf(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined) return []
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return undefined
  const texts = value.filter((item) => typeof item === 'string')
  return texts.length === value.length ? texts : undefined
}

/** Whole seconds; `undefined` without a value, `NaN` for what is no time. */
function secondsOf(value: JsonValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined
  const seconds = typeof value === 'number' ? value : rawSeconds(value)
  return Math.abs(seconds) < MOST_SECONDS ? Math.trunc(seconds) : Number.NaN
}

/** Numbers that a double cannot hold exactly are objects with their text. */
const rawSeconds = (value: JsonValue): number =>
  isRawNumber(value) ? Number(value.rawJSON) : Number.NaN
