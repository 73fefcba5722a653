import { constants, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'

/** A service principal that proves itself with a certificate. */
export type CertificateProof = {
  /** The private key and its certificate, with others of its chain behind. */
  readonly pem: string
  /** Of the key; `''`: none. */
  readonly password: string
  readonly sendsChain: boolean
  readonly clientId: string
  readonly audience: string
  readonly nowMs: number
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const SECOND_MS = 1000
const LIFETIME_S = 600

/**
 * What Azure takes instead of a secret.
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export function certificateAssertion(proof: CertificateProof): string {
  const { clientId, audience, nowMs, sendsChain } = proof
  const key = keyOf(proof)
  const chain = (proof.pem.match(CERTIFICATE) ?? []).map((one) => new X509Certificate(one))
  const own = chain.find((one) => one.checkPrivateKey(key))
  if (own === undefined) throw new Error('the certificate file holds no certificate of its key')
  const nowS = Math.floor(nowMs / SECOND_MS)
  const digest = Buffer.from(own.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  const x5c = sendsChain ? { x5c: chain.map(({ raw }) => raw.toString('base64')) } : {}
  const signed = [
    { alg: 'PS256', typ: 'JWT', 'x5t#S256': digest, ...x5c },
    {
      ...{ aud: audience, iss: clientId, sub: clientId, jti: randomUUID() },
      ...{ nbf: nowS, iat: nowS, exp: nowS + LIFETIME_S },
    },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  const signature = sign('sha256', Buffer.from(signed.join('.')), { key, padding, saltLength })
  return [...signed, signature.toString('base64url')].join('.')
}

function keyOf({ pem, password }: CertificateProof) {
  try {
    return createPrivateKey({ key: pem, ...(password === '' ? {} : { passphrase: password }) })
  } catch {
    // OpenSSL's words name nothing that helps.
    throw new Error('the certificate file holds no private key in PEM that opens')
  }
}
