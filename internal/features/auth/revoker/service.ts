import type { JsonValue } from '../../../pipe/pipe.ts'
import type { MainScope, MainService } from '../../main-service.ts'
import { fingerprint } from './bloom-filter.ts'
import { type RevocationLog, revocationLog } from './revocation-log.ts'
import { revokeRoutes } from './revoke-routes.ts'
import { REVOKER, type RevokerOptions, revokerOptions } from './revoker-options.ts'
import { RotatingFilter } from './rotating-filter.ts'

/** Writes the revocations of the process: the only writer of the memory that the threads read. */
export const revokerService: MainService = {
  topic: REVOKER,
  async start(scope) {
    const config = scope.config.extraConfig[REVOKER]
    if (config === undefined) return undefined
    const options = revokerOptions(config)
    if (options.apiKey !== '') scope.secret(options.apiKey)
    const filter = new RotatingFilter(options.size)
    const log = await openLog(options, filter, scope)
    const rotation = setInterval(() => {
      filter.rotate()
      log?.forget(oldestMs(options, scope)).catch(notKept(scope))
    }, options.ttlMs)
    rotation.unref()
    return {
      // Shared memory passes between threads as it is.
      answer: async () => filter.memory as unknown as JsonValue,
      adminRoutes: revokeRoutes({
        tokenKeys: options.tokenKeys,
        apiKey: options.apiKey,
        isRevoked: (item) => filter.has(fingerprint(item)),
        async revoke(items) {
          for (const item of items) filter.add(fingerprint(item))
          await log?.append(items, scope.now())
        },
      }),
      async close() {
        clearInterval(rotation)
        await log?.close()
      },
    }
  },
}

/** A revocation must hold for two TTLs. */
const oldestMs = ({ ttlMs }: RevokerOptions, { now }: MainScope): number => now() - 2 * ttlMs

const notKept =
  ({ log }: MainScope) =>
  (error: unknown): void =>
    log.error('[SERVICE: Bloomfilter] the state file:', error)

async function openLog(
  options: RevokerOptions,
  filter: RotatingFilter,
  scope: MainScope,
): Promise<RevocationLog | undefined> {
  const { stateFile } = options
  if (stateFile === '') return undefined
  let count = 0
  try {
    const log = await revocationLog(stateFile, oldestMs(options, scope), (item) => {
      filter.add(fingerprint(item))
      count++
    })
    scope.log.info(`[SERVICE: Bloomfilter] ${count} revocations read from ${stateFile}`)
    return log
  } catch (error) {
    throw options.stateFileError(`cannot be used: ${(error as Error).message}`)
  }
}
