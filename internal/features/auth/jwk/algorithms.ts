import { constants, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'

/** How tokens are signed (RFC 7518, 3.1; RFC 8037), with keys of one kind only: a public key is never an HMAC secret. */
export type Algorithm = {
  /** Whether a key may be used with it. */
  fits(key: KeyObject): boolean
  verify(key: KeyObject, data: Buffer, signature: Buffer): boolean
  sign(key: KeyObject, data: Buffer): Buffer
}

/** RFC 7518 wants 2048 bits; KrakenD takes what the key set holds, and so do old identity providers' customers. */
const isRsa = (key: KeyObject): boolean => key.asymmetricKeyType === 'rsa'

function hmac(hash: string): Algorithm {
  const tag = (key: KeyObject, data: Buffer): Buffer => createHmac(hash, key).update(data).digest()
  return {
    fits: (key) => key.type === 'secret',
    sign: tag,
    verify(key, data, signature) {
      const expected = tag(key, data)
      return expected.length === signature.length && timingSafeEqual(expected, signature)
    },
  }
}

const rsa = (hash: string): Algorithm => ({
  fits: isRsa,
  verify: (key, data, signature) => verify(hash, data, key, signature),
  sign: (key, data) => sign(hash, data, key),
})

/** A salt as long as the hash when signing (RFC 7518, 3.5); any that fits when verifying, as go-jose takes it. */
const pss = (hash: string): Algorithm => {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  const { RSA_PSS_SALTLEN_AUTO, RSA_PSS_SALTLEN_DIGEST } = constants
  return {
    fits: isRsa,
    verify: (key, data, signature) =>
      verify(hash, data, { key, padding, saltLength: RSA_PSS_SALTLEN_AUTO }, signature),
    sign: (key, data) => sign(hash, data, { key, padding, saltLength: RSA_PSS_SALTLEN_DIGEST }),
  }
}

/** Signatures are `r` and `s` one after the other, not DER. */
const ecdsa = (hash: string, curve: string): Algorithm => {
  const dsaEncoding = 'ieee-p1363'
  return {
    fits: (key) => key.asymmetricKeyDetails?.namedCurve === curve,
    verify: (key, data, signature) => verify(hash, data, { key, dsaEncoding }, signature),
    sign: (key, data) => sign(hash, data, { key, dsaEncoding }),
  }
}

const eddsa: Algorithm = {
  fits: (key) => key.asymmetricKeyType === 'ed25519',
  verify: (key, data, signature) => verify(null, data, key, signature),
  sign: (key, data) => sign(null, data, key),
}

/** By the name that a token's header and `alg` carry. */
export const algorithms = {
  EdDSA: eddsa,
  HS256: hmac('sha256'),
  HS384: hmac('sha384'),
  HS512: hmac('sha512'),
  RS256: rsa('sha256'),
  RS384: rsa('sha384'),
  RS512: rsa('sha512'),
  ES256: ecdsa('sha256', 'prime256v1'),
  ES384: ecdsa('sha384', 'secp384r1'),
  ES512: ecdsa('sha512', 'secp521r1'),
  PS256: pss('sha256'),
  PS384: pss('sha384'),
  PS512: pss('sha512'),
} as const satisfies Record<string, Algorithm>

export type AlgorithmName = keyof typeof algorithms
export const ALGORITHM_NAMES = Object.keys(algorithms) as readonly AlgorithmName[]
