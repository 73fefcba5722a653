import type { KeyObject } from 'node:crypto'
import { goJson } from '../../../encode/go-json.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { Algorithm } from '../jwk/algorithms.ts'

/** Writes claims as a signed token. */
export type SignToken = (claims: JsonObject, key: KeyObject) => string

/** Tokens as go-jose writes them: sorted names, compact or (`isFull`) in flattened JSON serialisation. */
export function tokenSigner(
  algorithm: Algorithm,
  header: { readonly alg: string; readonly kid: string; readonly typ: string },
  isFull: boolean,
): SignToken {
  const protectedPart = encoded(goJson(header))
  return function signToken(claims, key) {
    const payload = encoded(goJson(claims))
    const signed = `${protectedPart}.${payload}`
    const signature = algorithm.sign(key, Buffer.from(signed)).toString('base64url')
    return isFull
      ? JSON.stringify({ payload, protected: protectedPart, signature })
      : `${signed}.${signature}`
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url')
