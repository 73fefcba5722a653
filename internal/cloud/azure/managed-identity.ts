import { setTimeout as pause } from 'node:timers/promises'
import type { Ask, Fetched, SmallFetch } from '../../client/small-fetch.ts'
import { grantedIn } from '../access-tokens.ts'
import { objectIn } from '../object-in.ts'
import { type Environment, NotHere, resourceOf, type Way } from './way.ts'

const IMDS_HOST = 'http://169.254.169.254'
/** Nobody else's machine answers there: what takes longer is not there. */
const PROBE_LIMIT_MS = 1_000
/** The service is being updated, or asked too often. */
const PAUSES_MS = [300, 600, 1_200]
const PASSING = new Set([404, 410, 429])

/** Who the machine is, as the service on it says: App Service, Functions and Container Apps, Azure ML, or a machine's own. */
export function managedIdentity(env: Environment, scope: string): Way {
  const ask = askOf(env, resourceOf(scope))
  let isProbed = false
  return {
    name: 'ManagedIdentityCredential',
    async grant(client, nowMs) {
      if (ask === undefined)
        throw new NotHere('Azure Arc, Service Fabric and Cloud Shell are not asked here')
      const isMachine = ask.url.startsWith(machineHost(env))
      if (isMachine && !isProbed) await probed(machineHost(env), client)
      isProbed = true
      const answer = await patient(client, ask)
      if (answer.status === 400) throw new NotHere('the machine has no such identity')
      if (isMachine && isNobody(answer)) throw new NotHere(`${machineHost(env)} is not of Azure`)
      return grantedIn('Azure', answer, nowMs)
    },
  }
}

const machineHost = (env: Environment): string =>
  (env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] || IMDS_HOST).replace(/\/+$/, '')

/** In the order in which Azure's libraries look; `undefined`: a service that is not asked here. */
function askOf(env: Environment, resource: string): Ask | undefined {
  const client = env['AZURE_CLIENT_ID'] ?? ''
  const named = client === '' ? {} : { client_id: client }
  const [endpoint = '', header = ''] = [env['IDENTITY_ENDPOINT'], env['IDENTITY_HEADER']]
  if (endpoint !== '' && header !== '') {
    if ((env['IDENTITY_SERVER_THUMBPRINT'] ?? '') !== '') return undefined
    const query = { 'api-version': '2019-08-01', resource, ...named }
    return asked(endpoint, query, ['X-IDENTITY-HEADER', header])
  }
  const [older = '', secret = ''] = [env['MSI_ENDPOINT'], env['MSI_SECRET']]
  if (older !== '' && secret === '') return undefined
  if (older !== '') {
    const clientid = client || (env['DEFAULT_IDENTITY_CLIENT_ID'] ?? '')
    return asked(older, { 'api-version': '2017-09-01', resource, clientid }, ['secret', secret])
  }
  if (endpoint !== '' && (env['IMDS_ENDPOINT'] ?? '') !== '') return undefined
  const url = `${machineHost(env)}/metadata/identity/oauth2/token`
  return asked(url, { 'api-version': '2018-02-01', resource, ...named }, ['Metadata', 'true'])
}

const asked = (
  url: string,
  query: Readonly<Record<string, string>>,
  headers: readonly string[],
): Ask => ({ method: 'GET', url: `${url}?${new URLSearchParams(query)}`, headers })

/** Any answer will do: without its header the service refuses, and is there. */
async function probed(host: string, client: SmallFetch): Promise<void> {
  const url = `${host}/metadata/identity/oauth2/token`
  try {
    const signal = AbortSignal.timeout(PROBE_LIMIT_MS)
    await client.fetch({ method: 'GET', url, headers: [], signal })
  } catch (cause) {
    throw new NotHere(`nobody answers at ${host}`, { cause })
  }
}

async function patient(client: SmallFetch, ask: Ask): Promise<Fetched> {
  for (const pauseMs of PAUSES_MS) {
    const answer = await client.fetch(ask)
    if (!PASSING.has(answer.status) && answer.status < 500) return answer
    await pause(pauseMs)
  }
  return client.fetch(ask)
}

/** Something else stands at the address: a proxy, or that of Docker's desktop. */
const isNobody = ({ status, text }: Fetched): boolean =>
  (status === 403 && text.includes('unreachable')) || objectIn(text) === undefined
