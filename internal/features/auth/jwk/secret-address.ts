import type { Options } from '../../../config/options.ts'
import type { MainScope } from '../../main-service.ts'

/** Asks a service to open what its key sealed. Rejects with the service's own words. */
export type OpenSecret = (sealed: Buffer, access: SecretAccess) => Promise<Buffer>

/** Who asks. `signal` ends a call; `secret` is told what must never be printed. */
export type SecretAccess = Pick<MainScope, 'secret' | 'log'> & {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** What stands in `secret_url` behind its scheme: host and path, joined, and the parameters. */
export type SecretAddress = { readonly name: string; readonly query: URLSearchParams }

/** Stops the start when an address has a parameter that its service does not know. */
export function onlyParameters(
  { query }: SecretAddress,
  known: readonly string[],
  options: Options,
): void {
  for (const name of query.keys())
    if (!known.includes(name)) {
      const message = `unknown parameter ${JSON.stringify(name)}`
      throw options.wrong('secret_url', message, known.join(', '))
    }
}
