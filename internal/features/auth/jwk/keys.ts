import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** Why a JWK cannot be used; its message never repeats the key. */
export class KeyProblem extends Error {
  override readonly name = 'KeyProblem'
}

/** No identity provider publishes more; each costs a parse in every thread. */
const MOST_KEYS = 256
const BASE64URL = /^[A-Za-z0-9_-]*$/

/** The keys of a JWK set (RFC 7517, 5), as they are. Throws a `KeyProblem`. */
export function keysOfSet(text: string): JsonObject[] {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    throw new KeyProblem('the key set is no JSON')
  }
  const keys = isObject(value) && Object.hasOwn(value, 'keys') ? value['keys'] : undefined
  if (!Array.isArray(keys)) throw new KeyProblem('the key set has no list of keys')
  if (keys.length === 0) throw new KeyProblem('the key set holds no key')
  if (keys.length > MOST_KEYS)
    throw new KeyProblem(`the key set holds ${keys.length} keys, more than ${MOST_KEYS}`)
  return keys.map((key, at) => {
    if (!isObject(key)) throw new KeyProblem(`key ${at} of the set is no object`)
    return key
  })
}

/** A key that verifies: the public half where the set holds a private one. Throws a `KeyProblem`. */
export const verifyingKey = (jwk: JsonObject): KeyObject =>
  jwk['kty'] === 'oct' ? secretKey(jwk) : imported(jwk, createPublicKey)

/** A key that signs. Throws a `KeyProblem`, also for a public key. */
export function signingKey(jwk: JsonObject): KeyObject {
  if (jwk['kty'] === 'oct') return secretKey(jwk)
  if (typeof jwk['d'] !== 'string') throw new KeyProblem('the key is public: it cannot sign')
  return imported(jwk, createPrivateKey)
}

function secretKey(jwk: JsonObject): KeyObject {
  const secret = jwk['k']
  if (typeof secret !== 'string' || !BASE64URL.test(secret))
    throw new KeyProblem('the key has no base64url secret')
  // Whoever knows no secret could sign with the empty one.
  if (secret === '') throw new KeyProblem('the secret is empty')
  return createSecretKey(Buffer.from(secret, 'base64url'))
}

function imported(
  jwk: JsonObject,
  create: (input: { key: JsonWebKey; format: 'jwk' }) => KeyObject,
): KeyObject {
  const kty = jwk['kty']
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP')
    throw new KeyProblem(`unknown key type ${JSON.stringify(kty ?? null)}`)
  try {
    return create({ key: jwk as JsonWebKey, format: 'jwk' })
  } catch {
    // The library's words may repeat parts of the key.
    throw new KeyProblem(`the ${kty} key is broken or incomplete`)
  }
}
type JsonWebKey = import('node:crypto').JsonWebKey
