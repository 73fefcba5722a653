import type { KeyObject } from 'node:crypto'
import type { Algorithm } from '../jwk/algorithms.ts'
import { strictObject } from '../jwk/strict-json.ts'
import { type Expected, lifetimeOf, untimely } from './registered-claims.ts'
import type { Token } from './token.ts'
import type { Verdict } from './verdicts.ts'

/**
 * Believes a token or says why not: the key must be of the algorithm's kind, the signature right, the claims an
 * object, issuer and audience the expected ones, the time within.
 */
export function verifyToken(
  token: Token,
  use: { readonly algorithm: Algorithm; readonly key: KeyObject; readonly keyId: string },
  expected: Expected,
  nowMs: number,
): Verdict | string {
  const { algorithm, key, keyId } = use
  if (!algorithm.fits(key)) return 'the key is not of the kind that the algorithm wants'
  if (!algorithm.verify(key, Buffer.from(token.signedText, 'latin1'), token.signature))
    return 'go-jose/go-jose: error in cryptographic primitive'
  const claims = strictObject(Buffer.from(token.payload, 'base64url').toString('utf8'))
  if (claims === undefined) return 'the claims are no JSON object, nest too deep, or name one twice'
  const lifetime = lifetimeOf(claims, expected)
  if (typeof lifetime === 'string') return lifetime
  return untimely(lifetime, nowMs) ?? { claims, lifetime, keyId, key }
}
