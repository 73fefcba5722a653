import { type KeyObject, sign } from 'node:crypto'

/** Who asks for a token, for what, and with which key. */
export type Grantee = {
  readonly email: string
  /** `undefined`: Google tries all keys of the account. */
  readonly keyId: string | undefined
  readonly key: KeyObject
  /** The address of the token server. */
  readonly audience: string
  readonly scope: string
}

const SECOND_MS = 1000
/** The longest that Google grants. */
const LIFETIME_S = 3600

/** The assertion of RFC 7523 by which a service account of Google asks for a token. */
export function signedClaims(
  { email, keyId, key, audience, scope }: Grantee,
  nowMs: number,
): string {
  const issuedS = Math.floor(nowMs / SECOND_MS)
  const head = encoded({ alg: 'RS256', typ: 'JWT', kid: keyId })
  const claims = encoded({
    ...{ iss: email, scope, aud: audience },
    ...{ iat: issuedS, exp: issuedS + LIFETIME_S },
  })
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), key).toString('base64url')
  return `${head}.${claims}.${signature}`
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
