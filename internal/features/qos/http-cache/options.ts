import { optionsOf } from '../../../config/options.ts'
import type { BackendConfig } from '../../../config/types.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { StoreLimits } from './reply-store.ts'

export const NAMESPACE = 'qos/http-cache'

/** What all stores without limits of their own may hold together; KrakenD's grow without end. */
export const UNLIMITED: StoreLimits = { maxItems: Number.POSITIVE_INFINITY, maxBytes: 2 ** 28 }
/** The largest answer that is kept where nothing is said: it is held in memory while it passes. */
const LARGEST_BYTES = 2 ** 25

/** What a backend entry asks for. */
export type CacheOptions = {
  /** Names the store: of this entry alone, or one that several share. */
  readonly store: string
  /** `undefined`: it is one of those that are limited together. */
  readonly limits: StoreLimits | undefined
  readonly largestBytes: number
  readonly isStandard: boolean
  /** `max_items` without `max_size` or the other way round: KrakenD takes neither. */
  readonly lacksLimit: boolean
}

export function cacheOptions(
  config: JsonValue,
  path: string,
  { id }: Pick<BackendConfig, 'id'>,
): CacheOptions {
  const options = optionsOf(config, path)
  const maxItems = options.whole('max_items', 0)
  const maxBytes = options.whole('max_size', 0)
  const isStandard = options.flag('rfc9111')
  const isLimited = maxItems > 0 && maxBytes > 0
  const kind = `${isLimited ? 'limited' : 'unlimited'}${isStandard ? ' rfc9111' : ''}`
  return {
    store: options.flag('shared') ? `shared ${kind}` : `${id} ${kind}`,
    limits: isLimited ? { maxItems, maxBytes } : undefined,
    largestBytes: isLimited ? maxBytes : LARGEST_BYTES,
    isStandard,
    lacksLimit: !isLimited && maxItems + maxBytes > 0,
  }
}
