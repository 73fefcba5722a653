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
export type Lifetime = {
  readonly notBeforeMs: number
  readonly untilMs: number
  readonly issuedMs: number
}

/** Times beyond Go's 64-bit seconds are no times. */
const MOST_SECONDS = 2 ** 63

/** When the claims hold, or why they never do. */
export function lifetimeOf(claims: JsonObject, expected: Expected): Lifetime | string {
  const { issuer, audience, leewayMs } = expected
  const own = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined)
  for (const name of ['iss', 'sub', 'jti'])
    if (!isTextOrNothing(own(name))) return `the claim ${name} is no string`
  const given = audienceOf(own('aud'))
  if (given === undefined) return jose('expected string or array value to unmarshal to Audience')
  const [exp, nbf, iat] = [secondsOf(own('exp')), secondsOf(own('nbf')), secondsOf(own('iat'))]
  if (Number.isNaN(exp ?? 0) || Number.isNaN(nbf ?? 0) || Number.isNaN(iat ?? 0))
    return jose('expected number value to unmarshal NumericDate')
  if (issuer !== '' && own('iss') !== issuer)
    return jose('validation failed, invalid issuer claim (iss)')
  if (!audience.every((one) => given.includes(one)))
    return jose('validation failed, invalid audience claim (aud)')
  return {
    notBeforeMs: (nbf ?? -Infinity) * 1000 - leewayMs,
    untilMs: exp === undefined ? Infinity : exp * 1000 + leewayMs,
    issuedMs: (iat ?? -Infinity) * 1000 - leewayMs,
  }
}

/** In go-jose's words, which people search for. */
const jose = (words: string): string => `go-jose/go-jose/jwt: ${words}`

/** Why claims do not hold now, in go-jose's words; `undefined` when they do. */
export function untimely(
  { notBeforeMs, untilMs, issuedMs }: Lifetime,
  nowMs: number,
): string | undefined {
  if (nowMs < notBeforeMs) return jose('validation failed, token not valid yet (nbf)')
  if (nowMs > untilMs) return jose('validation failed, token is expired (exp)')
  if (nowMs < issuedMs) return jose('validation field, token issued in the future (iat)')
  return undefined
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
