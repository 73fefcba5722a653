import { createPrivateKey, type KeyObject } from 'node:crypto'
import os from 'node:os'
import { join } from 'node:path'
import type { Ask } from '../../client/small-fetch.ts'
import { grantedIn, type TokenGrant } from '../access-tokens.ts'
import { formAsk } from '../form-ask.ts'
import { type CredentialFile, credentialFile } from './credential-file.ts'
import { externalAccount, externalUser } from './external-account.ts'
import type { GoogleNeed } from './google-need.ts'
import { CLOUD_PLATFORM, impersonated } from './impersonated.ts'
import { signedClaims } from './signed-claims.ts'

const TOKEN_URL = 'https://oauth2.googleapis.com/token'
const ASSERTION_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** Where machines of Google ask who they are. */
const METADATA_HOST = '169.254.169.254'
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/token'

/**
 * Google's Application Default Credentials: the file of `GOOGLE_APPLICATION_CREDENTIALS`, else what `gcloud auth` left,
 * else the machine's own account. Throws a `ConfigError` when a file is there and cannot be used.
 */
export function defaultCredentials(need: GoogleNeed): TokenGrant {
  const { env, path } = need
  const named = env['GOOGLE_APPLICATION_CREDENTIALS'] ?? ''
  const left = join(
    env['CLOUDSDK_CONFIG'] ?? join(env['HOME'] ?? os.homedir(), '.config', 'gcloud'),
    'application_default_credentials.json',
  )
  const file = credentialFile(named || left, path, named === '')
  return file === undefined ? machineAccount(env) : grantOf(file, need)
}

/** Each kind of credentials that Google's own libraries take from a file. */
const KINDS: Readonly<Record<string, (file: CredentialFile, need: GoogleNeed) => TokenGrant>> = {
  service_account: serviceAccount,
  authorized_user: userAccount,
  external_account: externalAccount,
  external_account_authorized_user: externalUser,
  impersonated_service_account: impersonatedAccount,
}

function grantOf(file: CredentialFile, need: GoogleNeed): TokenGrant {
  const type = file.text('type') ?? ''
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
  if (kind !== undefined) return kind(file, need)
  return file.failed(
    `Google's credentials of type ${file.type} are not known here`,
    Object.keys(KINDS).join(', '),
  )
}

function serviceAccount(file: CredentialFile, { scope }: GoogleNeed): TokenGrant {
  const key = keyOf(file.need('private_key')) ?? file.failed('private_key is no RSA key')
  const email = file.need('client_email')
  const keyId = file.text('private_key_id')
  const url = file.address('token_uri', TOKEN_URL)
  return granting((nowMs) => {
    const assertion = signedClaims({ email, keyId, key, audience: url, scope }, nowMs)
    return formAsk(url, { grant_type: ASSERTION_GRANT, assertion })
  })
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' ? key : undefined
  } catch {
    // OpenSSL's words name nothing that helps.
    return undefined
  }
}

function userAccount(file: CredentialFile): TokenGrant {
  const url = file.address('token_uri', TOKEN_URL)
  const fields = {
    grant_type: 'refresh_token',
    client_id: file.need('client_id'),
    client_secret: file.need('client_secret'),
    refresh_token: file.need('refresh_token'),
  }
  return granting(() => formAsk(url, fields))
}

/** The account of `source_credentials` asks for a token of another one. */
function impersonatedAccount(file: CredentialFile, need: GoogleNeed): TokenGrant {
  const url = file.address('service_account_impersonation_url')
  const source = file.part('source_credentials')
  if (source === undefined) return file.failed('Google\'s credentials lack "source_credentials"')
  const delegates = file.texts('delegates')
  const { scope } = need
  const own = grantOf(source, { ...need, scope: CLOUD_PLATFORM })
  return impersonated(own, { url, scope, delegates })
}

function machineAccount(env: GoogleNeed['env']): TokenGrant {
  const url = `http://${env['GCE_METADATA_HOST'] || METADATA_HOST}${METADATA_PATH}`
  return granting(() => ({ method: 'GET', url, headers: ['Metadata-Flavor', 'Google'] }))
}

const granting =
  (ask: (nowMs: number) => Ask): TokenGrant =>
  async (client, nowMs) =>
    grantedIn('Google', await client.fetch(ask(nowMs)), nowMs)
