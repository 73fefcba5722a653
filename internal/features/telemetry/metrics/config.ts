import { parseDuration } from '../../../config/duration.ts'
import { namespace, type ServiceConfig } from '../../../config/types.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

export const NAMESPACE = 'telemetry/metrics'

/** `telemetry/metrics` with its defaults. */
export type StatsConfig = {
  readonly collectionMs: number
  readonly hasProxy: boolean
  readonly hasRouter: boolean
  readonly hasBackend: boolean
  /** `undefined` with `endpoint_disabled`. */
  readonly listen: { readonly host: string; readonly port: number } | undefined
}

const DEFAULT_COLLECTION_MS = 60_000
const DEFAULT_ADDRESS = ':8090'

/** The service's configuration, or `undefined` without any. `warn` hears of what is replaced by a default. */
export function statsConfig(
  service: ServiceConfig,
  warn: (text: string) => void = () => {},
): StatsConfig | undefined {
  const config = namespace(service.extraConfig, NAMESPACE)
  if (config === undefined) return undefined
  const isOn = (key: string) => config[key] !== true
  return {
    collectionMs: collectionMs(config['collection_time'], warn),
    hasProxy: isOn('proxy_disabled'),
    hasRouter: isOn('router_disabled'),
    hasBackend: isOn('backend_disabled'),
    listen: isOn('endpoint_disabled') ? address(config['listen_address']) : undefined,
  }
}

function collectionMs(value: JsonValue | undefined, warn: (text: string) => void): number {
  if (value === undefined) return DEFAULT_COLLECTION_MS
  const parsed = parseDuration(String(value))
  const path = `extra_config."${NAMESPACE}".collection_time`
  if (!('ms' in parsed)) {
    warn(`${path}: ${parsed.reason}: 60s is used, as in KrakenD`)
    return DEFAULT_COLLECTION_MS
  }
  if (parsed.ms <= 0) throw new ConfigError('must be longer than nothing', { path })
  return parsed.ms
}

function address(value: JsonValue | undefined): { host: string; port: number } {
  const text = typeof value === 'string' && value !== '' ? value : DEFAULT_ADDRESS
  const [, host = '', digits = ''] = /^(.*):(\d+)$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535)
    throw new ConfigError([
      {
        place: { path: `extra_config."${NAMESPACE}".listen_address` },
        message: 'must be an address to listen on',
        found: JSON.stringify(value),
        allowed: '":8090", "127.0.0.1:8090"',
      },
    ])
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
}
