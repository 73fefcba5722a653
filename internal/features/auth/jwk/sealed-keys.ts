import type { Options } from '../../../config/options.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { MainScope } from '../../main-service.ts'
import { readKeyFile, type SealedSource } from './key-source.ts'
import { KeyProblem, keysOfSet } from './keys.ts'
import { openSealed } from './sealed-file.ts'
import { openedByVault, vaultAccess } from './vault.ts'

/**
 * The keys of a file that HashiCorp Vault opens. Throws a `ConfigError` when it does not, or when what comes out is no
 * key set: as in KrakenD, the gateway does not start without.
 */
export async function sealedKeys(
  sealed: SealedSource,
  options: Options,
  scope: Pick<MainScope, 'secret'>,
): Promise<JsonObject[]> {
  const file = readKeyFile(options, 'jwk_local_path', sealed.file)
  const plainKey = await plainKeyOf(sealed, options, scope)
  try {
    return keysOfSet(openSealed(file, plainKey, options).toString('utf8'))
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error
    throw options.wrong('jwk_local_path', error.message)
  }
}

async function plainKeyOf(
  { vault, cypherKey }: SealedSource,
  options: Options,
  { secret }: Pick<MainScope, 'secret'>,
): Promise<Buffer> {
  try {
    const access = vaultAccess(process.env)
    if (access.token !== '') secret(access.token)
    return await openedByVault(access, vault, cypherKey)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw options.wrong('secret_url', `cypher_key was not opened: ${message || code}`)
  }
}
