import { readFile } from 'node:fs/promises'
import { grantedIn, type TokenGrant } from '../access-tokens.ts'
import { formAsk } from '../form-ask.ts'
import { certificateAssertion } from './certificate-assertion.ts'
import { type Environment, NotHere, type Way, wanted } from './way.ts'

const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** A tenant is an id or a domain. */
const TENANT = /^[\w.-]+$/

/** Who asks which tenant's server. */
type Principal = { readonly url: string; readonly clientId: string }
type Fields = Readonly<Record<string, string>>

/** `AZURE_TENANT_ID` and `AZURE_CLIENT_ID` with a secret, a certificate, or a user's name and password. */
export const environmentIdentity = (env: Environment, scope: string): Way => ({
  name: 'EnvironmentCredential',
  async grant(client, nowMs) {
    const principal = principalOf(env)
    const proof = await proofOf(env, principal, nowMs)
    return grantOf(principal, { scope, ...proof })(client, nowMs)
  },
})

/** What the webhook of Azure's workload identities sets in a pod; Kubernetes renews the file. */
export const workloadIdentity = (env: Environment, scope: string): Way => ({
  name: 'WorkloadIdentityCredential',
  async grant(client, nowMs) {
    const [file = ''] = wanted(env, 'AZURE_FEDERATED_TOKEN_FILE')
    const principal = principalOf(env)
    const proof = asserted((await readFile(file, 'utf8')).trim())
    return grantOf(principal, { scope, ...proof })(client, nowMs)
  },
})

function principalOf(env: Environment): Principal {
  const [tenant = '', clientId = ''] = wanted(env, 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID')
  const authority = env['AZURE_AUTHORITY_HOST'] || PUBLIC_AUTHORITY
  if (!authority.startsWith('https://') || !URL.canParse(authority))
    throw new Error('AZURE_AUTHORITY_HOST is no https address')
  if (!TENANT.test(tenant)) throw new Error('AZURE_TENANT_ID is no tenant')
  return { url: `${authority.replace(/\/+$/, '')}/${tenant}/oauth2/v2.0/token`, clientId }
}

async function proofOf(env: Environment, principal: Principal, nowMs: number): Promise<Fields> {
  const secret = env['AZURE_CLIENT_SECRET'] ?? ''
  if (secret !== '') return { grant_type: 'client_credentials', client_secret: secret }
  const file = env['AZURE_CLIENT_CERTIFICATE_PATH'] ?? ''
  if (file !== '')
    return asserted(
      certificateAssertion({
        pem: await readFile(file, 'utf8'),
        password: env['AZURE_CLIENT_CERTIFICATE_PASSWORD'] ?? '',
        sendsChain: /^(?:1|true)$/i.test(env['AZURE_CLIENT_SEND_CERTIFICATE_CHAIN'] ?? ''),
        ...{ clientId: principal.clientId, audience: principal.url, nowMs },
      }),
    )
  const [username = '', password = ''] = [env['AZURE_USERNAME'], env['AZURE_PASSWORD']]
  if (username !== '' && password !== '') return { grant_type: 'password', username, password }
  throw new NotHere('neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH set')
}

const asserted = (assertion: string): Fields => ({
  grant_type: 'client_credentials',
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: assertion,
})

const grantOf =
  ({ url, clientId }: Principal, fields: Fields): TokenGrant =>
  async (client, nowMs) =>
    grantedIn('Azure', await client.fetch(formAsk(url, { client_id: clientId, ...fields })), nowMs)
