import { generateKeyPairSync, sign } from 'node:crypto'

const LIFE_SECONDS = 24 * 3600
const KEY_ID = 'bench'

/** A key set for the upstream to publish, and tokens signed with it. */
export type Tokens = { readonly jwkSet: string; readonly tokens: readonly string[] }

/** `count` RS256 tokens of as many subjects, with the claims of a usual identity provider. */
export function signTokens(count: number): Tokens {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' }
  const now = Math.floor(Date.now() / 1000)
  const token = (subject: string) => {
    const head = encoded({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })
    const claims = encoded({
      iss: 'https://id.example.com/',
      aud: 'https://api.example.com',
      sub: subject,
      iat: now,
      exp: now + LIFE_SECONDS,
      scope: 'read write',
      roles: ['user', 'editor'],
    })
    const signature = sign('sha256', Buffer.from(`${head}.${claims}`), privateKey)
    return `${head}.${claims}.${signature.toString('base64url')}`
  }
  return {
    jwkSet: JSON.stringify({ keys: [jwk] }),
    tokens: Array.from({ length: count }, (_, index) => token(`user-${index}`)),
  }
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
