import type { Options } from '../../../config/options.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { MainScope } from '../../main-service.ts'
import { readKeyFile, type SealedKeySource } from './key-source.ts'
import { KeyProblem, keysOfSet } from './keys.ts'
import { openSealed } from './sealed-file.ts'

/** Of all calls that it takes; those for tokens have limits of their own, too. */
const LIMIT_MS = 20_000

type SealedScope = Pick<MainScope, 'secret' | 'log'> & { readonly limitMs?: number }

/**
 * The keys of a file that a service opens. Throws a `ConfigError` when it does not, or when what comes out is no key
 * set: as in KrakenD, the gateway does not start without.
 */
export async function sealedKeys(
  source: SealedKeySource,
  options: Options,
  scope: SealedScope,
): Promise<JsonObject[]> {
  const file = readKeyFile(options, 'jwk_local_path', source.sealed.file)
  const plainKey = await plainKeyOf(source, options, scope)
  try {
    return keysOfSet(openSealed(file, plainKey, options).toString('utf8'))
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error
    throw options.wrong('jwk_local_path', error.message)
  }
}

async function plainKeyOf(
  { sealed, open }: SealedKeySource,
  options: Options,
  { secret, log, limitMs = LIMIT_MS }: SealedScope,
): Promise<Buffer> {
  const signal = AbortSignal.timeout(limitMs)
  try {
    const cipherKey = Buffer.from(sealed.cypherKey, 'base64')
    return await open(cipherKey, { env: process.env, secret, log, signal })
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const { message, code } = error as NodeJS.ErrnoException
    const reason = signal.aborted ? `no answer within ${limitMs / 1000} s` : message || code
    throw options.wrong('secret_url', `cypher_key was not opened: ${reason}`)
  }
}
