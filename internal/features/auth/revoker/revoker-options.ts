import { type Options, optionsOf } from '../../../config/options.ts'
import type { ConfigError } from '../../../errors.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { type FilterSize, filterSize } from './bloom-filter.ts'
import { memoryBytes } from './rotating-filter.ts'

/** The topic and the namespace. */
export const REVOKER = 'auth/revoker'

export type RevokerOptions = {
  readonly size: FilterSize
  readonly ttlMs: number
  readonly tokenKeys: readonly string[]
  /** `''`: revocations end with the process. */
  readonly stateFile: string
  /** `''`: the admin listener's own token says who may revoke. */
  readonly apiKey: string
  readonly stateFileError: (message: string) => ConfigError
}

/** Half of what a small container has; larger wishes are most likely a zero too many. */
const MOST_BYTES = 2 ** 31

/** What a timer takes. */
const MOST_SECONDS = 2_000_000

/** Reads `auth/revoker`; its names are matched in any case, as KrakenD does. Throws a `ConfigError`. */
export function revokerOptions(config: JsonValue): RevokerOptions {
  const options = optionsOf(config, `extra_config."${REVOKER}"`)
  const items = positive(options, 'n')
  const falsePositives = positive(options, 'p')
  const seconds = positive(options, 'ttl')
  if (falsePositives >= 1) throw options.wrong('p', 'every token would be refused', 'below 1')
  if (options.has('hash_name')) options.oneOf('hash_name', ['optimal', 'default'])
  const size = filterSize(items, falsePositives)
  if (!(memoryBytes(size) <= MOST_BYTES))
    throw options.wrong('n', `the filter needs ${memoryBytes(size)} bytes`, `up to ${MOST_BYTES}`)
  if (seconds > MOST_SECONDS) throw options.wrong('ttl', 'too long', `up to ${MOST_SECONDS}`)
  const tokenKeys = options.texts('token_keys')
  if (tokenKeys.length === 0)
    throw options.wrong('token_keys', 'is missing: nothing could ever be revoked')
  return {
    size,
    ttlMs: seconds * 1000,
    tokenKeys,
    stateFile: options.text('state_file'),
    apiKey: options.text('api_key'),
    stateFileError: (message) => options.wrong('state_file', message),
  }
}

function positive(options: Options, lower: string): number {
  const key = options.has(lower) ? lower : lower.toUpperCase()
  const value = options.number(key)
  if (value === undefined) throw options.wrong(key, 'is missing')
  if (!(value > 0)) throw options.wrong(key, `not above 0: ${value}`)
  return value
}
