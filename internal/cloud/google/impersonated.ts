import { checkedToken, fieldsIn, type TokenGrant } from '../access-tokens.ts'

/** What lets an account ask for tokens of others. */
export const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform'

/** The service account that another account acts as. */
export type Impersonation = {
  /** `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/EMAIL:generateAccessToken` */
  readonly url: string
  readonly scope: string
  readonly delegates?: readonly string[]
  readonly lifetimeS?: number | undefined
}

/** The longest that Google grants unless an organisation allows more. */
const USUAL_LIFETIME_S = 3600

/**
 * Tokens of a service account, asked for with those of `source`.
 * https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
 */
export const impersonated =
  (
    source: TokenGrant,
    { url, scope, delegates = [], lifetimeS = USUAL_LIFETIME_S }: Impersonation,
  ): TokenGrant =>
  async (client, nowMs) => {
    const { token } = await source(client, nowMs)
    const answer = await client.fetch({
      method: 'POST',
      url,
      headers: ['Content-Type', 'application/json', 'Authorization', `Bearer ${token}`],
      body: JSON.stringify({ lifetime: `${lifetimeS}s`, scope: [scope], delegates }),
    })
    const { accessToken, expireTime } = fieldsIn(answer)
    return {
      token: checkedToken("Google's service account", accessToken, answer),
      endsMs: Date.parse(String(expireTime)) || nowMs,
    }
  }
