import { grantedIn, type TokenGrant } from '../access-tokens.ts'
import { formAsk } from '../form-ask.ts'
import type { CredentialFile } from './credential-file.ts'
import type { GoogleNeed } from './google-need.ts'
import { CLOUD_PLATFORM, impersonated } from './impersonated.ts'
import { subjectToken } from './subject-token.ts'

const TOKEN_URL = 'https://sts.googleapis.com/v1/token'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/**
 * Workload identity federation: a token of somebody else is exchanged for one of Google (RFC 8693), which may in turn
 * ask for one of a service account. https://google.aip.dev/auth/4117
 */
export function externalAccount(file: CredentialFile, need: GoogleNeed): TokenGrant {
  const url = file.text('service_account_impersonation_url')
  if (url === undefined) return exchanged(file, need)
  return impersonated(exchanged(file, { ...need, scope: CLOUD_PLATFORM }), {
    ...{ url: file.address('service_account_impersonation_url'), scope: need.scope },
    lifetimeS: file.part('service_account_impersonation')?.number('token_lifetime_seconds'),
  })
}

function exchanged(file: CredentialFile, { env, scope }: GoogleNeed): TokenGrant {
  const url = file.address('token_url', TOKEN_URL)
  const fields = {
    ...{ grant_type: EXCHANGE, requested_token_type: ACCESS_TOKEN, scope },
    audience: file.need('audience'),
    subject_token_type: file.need('subject_token_type'),
    ...userProject(file),
  }
  const headers = clientAuthorization(file)
  const subject = subjectToken(file, env)
  return async (client, nowMs) => {
    const ask = formAsk(url, { ...fields, subject_token: await subject(client, nowMs) }, headers)
    return grantedIn("Google's exchange of tokens", await client.fetch(ask), nowMs)
  }
}

/** What `gcloud auth application-default login` leaves for people of a workforce pool. */
export function externalUser(file: CredentialFile): TokenGrant {
  const url = file.address('token_url', TOKEN_URL)
  const fields = { grant_type: 'refresh_token', refresh_token: file.need('refresh_token') }
  const headers = clientAuthorization(file)
  return async (client, nowMs) => {
    const answer = await client.fetch(formAsk(url, fields, headers))
    return grantedIn("Google's exchange of tokens", answer, nowMs)
  }
}

/** The client says which project pays, where there is one. */
function userProject(file: CredentialFile): { options?: string } {
  const project = file.text('workforce_pool_user_project')
  if (project === undefined || file.text('client_id') !== undefined) return {}
  return { options: JSON.stringify({ userProject: project }) }
}

function clientAuthorization(file: CredentialFile): readonly string[] {
  const [id, secret] = [file.text('client_id'), file.text('client_secret')]
  if (id === undefined || secret === undefined) return []
  return ['Authorization', `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`]
}
