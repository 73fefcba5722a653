import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import type { Ask } from '../../../client/small-fetch.ts'
import { ConfigError } from '../../../errors.ts'
import { signedClaims } from './google-grant.ts'

/** Asks for an access token, at a time in milliseconds since 1970. */
export type TokenAsk = (nowMs: number) => Ask

type Environment = Readonly<Record<string, string | undefined>>
type Fields = Readonly<Record<string, unknown>>

const VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS'
const TOKEN_URL = 'https://oauth2.googleapis.com/token'
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** Where machines of Google ask who they are. */
const METADATA_HOST = '169.254.169.254'
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/token'

/**
 * Google's Application Default Credentials: the file of `GOOGLE_APPLICATION_CREDENTIALS`, else what `gcloud auth` left,
 * else the machine's own account. Throws a `ConfigError` when a file is there and cannot be used.
 */
export function defaultCredentials(env: Environment, path: string): TokenAsk {
  const named = env[VARIABLE] ?? ''
  if (named !== '') return credentialsIn(named, path)
  const left = join(
    env['CLOUDSDK_CONFIG'] ?? join(env['HOME'] ?? os.homedir(), '.config', 'gcloud'),
    'application_default_credentials.json',
  )
  return credentialsIn(left, path, true) ?? machineAccount(env)
}

function credentialsIn(file: string, path: string): TokenAsk
function credentialsIn(file: string, path: string, mayMiss: true): TokenAsk | undefined
function credentialsIn(file: string, path: string, mayMiss = false): TokenAsk | undefined {
  const failed = (message: string, allowed?: string): never => {
    throw new ConfigError([{ place: { path }, message: `${file}: ${message}`, allowed }])
  }
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (mayMiss && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined
    return failed(`Google's credentials cannot be read: ${code}`, `a file named by ${VARIABLE}`)
  }
  const fields = objectIn(text) ?? failed("Google's credentials are no JSON object")
  const need = (name: string): string => {
    const value = fields[name]
    return typeof value === 'string' && value !== ''
      ? value
      : failed(`Google's credentials lack "${name}"`)
  }
  switch (fields['type']) {
    case 'service_account':
      return serviceAccount(need, keyOf(need('private_key')) ?? failed('private_key is no RSA key'))
    case 'authorized_user':
      return userAccount(need)
    default:
      return failed(
        `Google's credentials of type ${JSON.stringify(fields['type'] ?? null)} are not known here`,
        'service_account, authorized_user',
      )
  }
}

function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined
  } catch {
    // What it says may be secret: the caller names the file alone.
    return undefined
  }
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

type Need = (name: string) => string

function serviceAccount(need: Need, key: KeyObject): TokenAsk {
  const [email, keyId, url] = [need('client_email'), need('private_key_id'), need('token_uri')]
  return (nowMs) => {
    const assertion = signedClaims({ email, keyId, key, audience: url }, nowMs)
    return formAsk(url, { grant_type: GRANT, assertion })
  }
}

function userAccount(need: Need): TokenAsk {
  const fields = {
    grant_type: 'refresh_token',
    client_id: need('client_id'),
    client_secret: need('client_secret'),
    refresh_token: need('refresh_token'),
  }
  return () => formAsk(TOKEN_URL, fields)
}

function machineAccount(env: Environment): TokenAsk {
  const url = `http://${env['GCE_METADATA_HOST'] || METADATA_HOST}${METADATA_PATH}`
  return () => ({ method: 'GET', url, headers: ['Metadata-Flavor', 'Google'] })
}

const formAsk = (url: string, fields: Readonly<Record<string, string>>): Ask => ({
  method: 'POST',
  url,
  headers: ['Content-Type', 'application/x-www-form-urlencoded'],
  body: new URLSearchParams(fields).toString(),
})
