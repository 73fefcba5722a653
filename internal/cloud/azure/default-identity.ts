import { ConfigError } from '../../errors.ts'
import type { TokenGrant } from '../access-tokens.ts'
import { commandLine } from './command-line.ts'
import { managedIdentity } from './managed-identity.ts'
import { environmentIdentity, workloadIdentity } from './service-principal.ts'
import { type Environment, NotHere, type Way } from './way.ts'

/** Who needs a token, and what for. */
export type AzureNeed = {
  readonly env: Environment
  /** Where the configuration asks for it, for messages. */
  readonly path: string
  /** `https://vault.azure.net/.default` */
  readonly scope: string
}

const SELECTION = 'AZURE_TOKEN_CREDENTIALS'
const WAYS = [environmentIdentity, workloadIdentity, managedIdentity, commandLine]
const CLOUD_WAYS = WAYS.slice(0, -1)

/**
 * Azure's default credentials: a service principal of the environment, a workload identity of Kubernetes, the managed
 * identity of the machine, then whoever is logged in at `az`. The first that is there is asked, and stays. Throws a
 * `ConfigError` when `AZURE_TOKEN_CREDENTIALS` names none of them.
 */
export function defaultIdentity(need: AzureNeed): TokenGrant {
  const ways = selected(need)
  let chosen: Way | undefined
  return async function azureIdentity(client, nowMs) {
    const reasons: string[] = []
    for (const way of chosen === undefined ? ways : [chosen])
      try {
        const granted = await way.grant(client, nowMs)
        chosen = way
        return granted
      } catch (error) {
        const reason = `${way.name}: ${(error as Error).message}`
        if (!(error instanceof NotHere)) throw new Error(reason, { cause: error })
        reasons.push(reason)
      }
    throw new Error(`no identity for Azure: ${reasons.join('; ')}`)
  }
}

/** `prod`, `dev`, or the name of one way: all others are left out. */
function selected({ env, path, scope }: AzureNeed): readonly Way[] {
  const built = (makers: typeof WAYS) => makers.map((way) => way(env, scope))
  const all = built(WAYS)
  const name = env[SELECTION] ?? ''
  if (name === '') return all
  if (name === 'prod') return built(CLOUD_WAYS)
  const known = name === 'dev' ? 'azureclicredential' : name.toLowerCase()
  const found = all.filter((way) => way.name.toLowerCase() === known)
  if (found.length > 0) return found
  const allowed = ['prod', 'dev', ...all.map((way) => way.name)].join(', ')
  const message = `${SELECTION} names no identity that is known here`
  throw new ConfigError([{ place: { path }, message, found: JSON.stringify(name), allowed }])
}
