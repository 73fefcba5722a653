import { parseDuration } from '../../../config/duration.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { readOptions } from '../read-options.ts'
import { type NameServer, nameServer } from './name-server.ts'

/** What stands under `discovery/dns`. */
export type DnsOptions = {
  /** Instead of resolv.conf's. */
  readonly servers: readonly NameServer[]
  /** How long one server has for one question; `undefined`: as resolv.conf says. */
  readonly timeoutMs: number | undefined
  /** Instead of resolv.conf's. */
  readonly search: readonly string[] | undefined
  readonly ndots: number | undefined
  /** A fixed pace; `undefined`: the process's. */
  readonly intervalMs: number | undefined
  /** Set where answers are asked again when their TTL is over. */
  readonly ttl: { readonly floorMs: number; readonly ceilingMs: number } | undefined
  /** Further SRV priorities stand by instead of being dropped. */
  readonly tiers: boolean
  /** Answers of so many records are samples of more; `undefined`: every answer is whole. */
  readonly sample: { readonly size: number; readonly windowMs: number } | undefined
}

const DEFAULT_MIN_TTL_MS = 1000
const DEFAULT_MAX_TTL_MS = 300_000
/** Of 20 instances, seen 8 at a time every 10 s, one is missed that long once in five million windows. */
const DEFAULT_WINDOW_MS = 300_000

/** Reads the options of a DNS registry. Throws a `ConfigError` for what cannot be used. */
export function readDnsOptions(written: JsonObject, processServers: readonly string[]): DnsOptions {
  const { servers = [...processServers], timeout } = written
  if (!Array.isArray(servers)) throw wrong('servers', 'a list of addresses', servers)
  const options = readOptions('dns', written)
  const floorMs = options.durationMs('min_ttl', 's') ?? DEFAULT_MIN_TTL_MS
  const ceilingMs = options.durationMs('max_ttl', 's') ?? Math.max(floorMs, DEFAULT_MAX_TTL_MS)
  if (ceilingMs < floorMs) throw options.wrong('max_ttl', 'at least min_ttl')
  const size = options.wholeNumber('sample_size', 1)
  const windowMs = options.durationMs('sample_window', 's') ?? DEFAULT_WINDOW_MS
  return {
    servers: servers.map((server) => {
      const read = typeof server === 'string' ? nameServer(server) : undefined
      if (read === undefined) throw wrong('servers', 'addresses such as 127.0.0.1:8600', server)
      return read
    }),
    timeoutMs: timeout === undefined ? undefined : timeoutOf(timeout),
    search: options.texts('search')?.map((name) => name.toLowerCase().replace(/\.$/, '')),
    ndots: options.wholeNumber('ndots', 0),
    intervalMs: options.durationMs('interval', 's'),
    ttl: options.oneOf('mode', ['poll', 'ttl']) === 'ttl' ? { floorMs, ceilingMs } : undefined,
    tiers: options.yesOrNo('tiers') ?? false,
    sample: size === undefined ? undefined : { size, windowMs },
  }
}

function timeoutOf(written: JsonValue): number {
  const parsed = typeof written === 'string' ? parseDuration(written) : { ms: Number.NaN }
  if ('ms' in parsed && parsed.ms > 0) return parsed.ms
  throw wrong('timeout', 'a duration such as "2s"', written)
}

const wrong = (key: string, allowed: string, found: JsonValue): ConfigError =>
  new ConfigError([
    {
      place: { path: `extra_config."discovery/dns".${key}` },
      message: 'cannot be used',
      found: JSON.stringify(found),
      allowed,
    },
  ])
