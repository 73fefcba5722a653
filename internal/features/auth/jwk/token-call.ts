import { smallFetch } from '../../../client/small-fetch.ts'
import type { TokenGrant } from '../../../cloud/access-tokens.ts'
import { apiFailure } from '../../../cloud/api-failure.ts'
import { objectIn } from '../../../cloud/object-in.ts'
import type { SecretAccess } from './secret-address.ts'

/** A call of a key service that wants a token; the answer has what was opened in `field`, in Base64 of either kind. */
export type TokenCall = {
  /** For messages. */
  readonly who: string
  readonly grant: TokenGrant
  readonly url: string
  readonly body: object
  readonly field: string
}

/** What the service opened. Rejects when there is no token, or with the service's own words. */
export async function openedWithToken(
  { who, grant, url, body, field }: TokenCall,
  { secret, signal }: SecretAccess,
): Promise<Buffer> {
  // A redirect would carry the token to wherever it points.
  const client = smallFetch({ mostRedirects: 0 })
  try {
    const { token } = await grant(client, Date.now())
    secret(token)
    const headers = ['Content-Type', 'application/json', 'Authorization', `Bearer ${token}`]
    const text = JSON.stringify(body)
    const answer = await client.fetch({ method: 'POST', url, headers, body: text, signal })
    const plain = answer.status === 200 ? objectIn(answer.text)?.[field] : undefined
    if (typeof plain === 'string') return Buffer.from(plain, 'base64url')
    throw apiFailure(who, answer)
  } finally {
    await client.close()
  }
}
