import type { Ask, SmallFetch } from '../../client/small-fetch.ts'
import { objectIn } from '../object-in.ts'
import { type AwsKeys, signedHeaders } from './aws-signature.ts'
import type { CredentialFile } from './credential-file.ts'
import type { SubjectToken } from './subject-token.ts'

type Environment = Readonly<Record<string, string | undefined>>

const VERIFICATION_URL =
  'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15'
const SESSION_SECONDS = '300'

/**
 * The identity of a machine of AWS: a signed question who one is, which Google asks in its turn. Keys and region come
 * from the environment, else from the machine's own service, whose addresses `credential_source` has.
 * https://google.aip.dev/auth/4117
 */
export function awsSubject(
  source: CredentialFile,
  audience: string,
  env: Environment,
): SubjectToken {
  if (source.text('environment_id') !== 'aws1')
    return source.failed('environment_id of credential_source is not known', 'aws1')
  const template = source.text('regional_cred_verification_url') ?? VERIFICATION_URL
  if (!URL.canParse(template.replace('{region}', 'r')))
    return source.failed('regional_cred_verification_url of credential_source is no address')
  const machine = {
    session: addressIn(source, 'imdsv2_session_token_url'),
    region: addressIn(source, 'region_url'),
    keys: addressIn(source, 'url'),
  }
  return async function awsIdentity(client, nowMs) {
    const named = [env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || '', keysIn(env)] as const
    const isComplete = named[0] !== '' && named[1] !== undefined
    const headers = isComplete ? [] : await sessionHeaders(machine.session, client)
    const region = named[0] || (await regionOf(machine.region, headers, client))
    const keys = named[1] ?? (await keysOf(machine.keys, headers, client))
    const url = template.replace('{region}', region)
    const resource = { 'x-goog-cloud-target-resource': audience }
    const signed = signedHeaders({ method: 'POST', url, region, headers: resource }, keys, nowMs)
    const pairs = Object.entries(signed).map(([key, value]) => ({ key, value }))
    return encodeURIComponent(JSON.stringify({ url, method: 'POST', headers: pairs }))
  }
}

/** `''` when there is none. */
const addressIn = (source: CredentialFile, name: string): string =>
  source.text(name) === undefined ? '' : source.address(name)

function keysIn(env: Environment): AwsKeys | undefined {
  const [id = '', secret = ''] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']]
  if (id === '' || secret === '') return undefined
  return { id, secret, session: env['AWS_SESSION_TOKEN'] ?? '' }
}

async function sessionHeaders(url: string, client: SmallFetch): Promise<readonly string[]> {
  if (url === '') return []
  const headers = ['X-aws-ec2-metadata-token-ttl-seconds', SESSION_SECONDS]
  const token = await answered({ method: 'PUT', url, headers }, 'session', client)
  return ['X-aws-ec2-metadata-token', token]
}

/** The service names a zone: `eu-west-1b`. */
async function regionOf(url: string, headers: readonly string[], client: SmallFetch) {
  if (url === '') throw new Error('neither AWS_REGION nor region_url says where this machine is')
  return (await answered({ method: 'GET', url, headers }, 'region', client)).slice(0, -1)
}

async function keysOf(
  url: string,
  headers: readonly string[],
  client: SmallFetch,
): Promise<AwsKeys> {
  if (url === '') throw new Error('neither AWS_ACCESS_KEY_ID nor a url says who this machine is')
  const role = await answered({ method: 'GET', url, headers }, 'role', client)
  const text = await answered({ method: 'GET', url: `${url}/${role}`, headers }, 'keys', client)
  const { AccessKeyId: id, SecretAccessKey: secret, Token: session = '' } = objectIn(text) ?? {}
  if (typeof id !== 'string' || typeof secret !== 'string')
    throw new Error("AWS's machine gave no keys")
  return { id, secret, session: String(session) }
}

async function answered(ask: Ask, what: string, client: SmallFetch): Promise<string> {
  const { status, text } = await client.fetch(ask)
  if (status === 200 && text !== '') return text
  throw new Error(`AWS's machine gave no ${what}: status ${status}`)
}
