import { type Options, optionsOf } from '../../../config/options.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { KeyLife } from '../jwk/remote-keys.ts'

const DEFAULT_SECONDS = 900
/** Shorter cool-downs are none. */
const SHORTEST_COOLDOWN_MS = 1000

/**
 * How long fetched keys stay. Without `cache` not at all; with it for `cache_duration`, or for the service's
 * `shared_cache_duration` where that is longer.
 */
export function keyLife(options: Options, service: JsonValue | undefined): KeyLife {
  const cooldownMs = options.duration('failed_jwk_key_cooldown') ?? 0
  return {
    cooldownMs: cooldownMs < SHORTEST_COOLDOWN_MS ? 0 : cooldownMs,
    maxAgeMs: options.flag('cache')
      ? 1000 * Math.max(seconds(options, 'cache_duration'), sharedSeconds(service))
      : 0,
  }
}

function sharedSeconds(service: JsonValue | undefined): number {
  if (service === undefined) return 0
  return seconds(optionsOf(service, 'extra_config."auth/validator"'), 'shared_cache_duration')
}

/** 0 is the default as well, as in KrakenD. */
function seconds(options: Options, key: string): number {
  const value = options.number(key) ?? 0
  if (!Number.isInteger(value) || value < 0)
    throw options.wrong(key, `not a number of seconds: ${value}`)
  return value || DEFAULT_SECONDS
}
