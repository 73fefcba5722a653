import { parseDuration } from '../config/duration.ts'
import { type BackendConfig, namespace } from '../config/types.ts'
import { ConfigError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Balancer, BalancerFactory, BalancerScope } from './balancer.ts'
import type { EjectionRules } from './health.ts'
import { balancers } from './table.ts'
import { zoneFirst } from './zone-first.ts'

const DEFAULT_TYPE = 'round-robin'
/** As Envoy has them. */
const DEFAULT_FAILURES = 5
const DEFAULT_EJECTION_MS = 30_000
const DEFAULT_MAX_EJECTED = 0.5

/** The balancer that a backend's `backend/discovery` names. Throws a `ConfigError` when that cannot work. */
export function balancerOf(
  { extraConfig }: Pick<BackendConfig, 'extraConfig'>,
  scope: Omit<BalancerScope, 'key'>,
): { readonly balance: Balancer; readonly countsRequests: boolean } {
  const written = namespace(extraConfig, 'backend/discovery') ?? {}
  const { type, key } = typeAndKey(written['balancer'])
  const table: Readonly<Record<string, BalancerFactory>> = balancers
  const factory = Object.hasOwn(table, type) ? table[type] : undefined
  if (factory === undefined) throw wrong('balancer', type, Object.keys(balancers).join(', '))
  const balance = factory({ ...scope, key })
  const { zone = '' } = written
  if (typeof zone !== 'string' || (type === 'zone' && zone === ''))
    throw wrong('zone', zone, 'the name of the zone that comes first')
  return {
    balance: zone === '' ? balance : zoneFirst(zone, balance),
    countsRequests: type === 'least-requests',
  }
}

function typeAndKey(written: JsonValue | undefined): { type: string; key: string } {
  if (written === undefined) return { type: DEFAULT_TYPE, key: '' }
  if (typeof written === 'string') return { type: written, key: '' }
  const { type = DEFAULT_TYPE, key = '' } = asObject(written, 'balancer')
  return { type: String(type), key: String(key) }
}

/** When hosts of a backend are taken out for their failures; `undefined` unless `health` says so. */
export function ejectionRulesOf({
  extraConfig,
}: Pick<BackendConfig, 'extraConfig'>): EjectionRules | undefined {
  const written = namespace(extraConfig, 'backend/discovery')?.['health']
  if (written === undefined) return undefined
  const health = asObject(written, 'health')
  const passive = ['consecutive_failures', 'ejection_time', 'max_ejected', 'fail_open_below']
  if (!passive.some((key) => key in health)) return undefined
  return {
    consecutiveFailures: numberAt(health, 'consecutive_failures', DEFAULT_FAILURES, [1, 4095]),
    ejectionMs: ejectionTime(health['ejection_time']),
    maxEjected: numberAt(health, 'max_ejected', DEFAULT_MAX_EJECTED, [0, 1]),
    failOpenBelow: numberAt(health, 'fail_open_below', 0, [0, 1]),
  }
}

function numberAt(
  written: JsonObject,
  key: string,
  otherwise: number,
  [least, most]: readonly [number, number],
): number {
  const value = written[key] ?? otherwise
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw wrong(`health.${key}`, value, `a number from ${least} to ${most}`)
}

function ejectionTime(written: JsonValue | undefined): number {
  if (written === undefined) return DEFAULT_EJECTION_MS
  const parsed = typeof written === 'string' ? parseDuration(written) : { reason: '' }
  if ('ms' in parsed && parsed.ms > 0) return parsed.ms
  throw wrong('health.ejection_time', written, 'a duration such as 30s')
}

function asObject(written: JsonValue, key: string): JsonObject {
  if (typeof written === 'object' && written !== null && !Array.isArray(written)) return written
  throw wrong(key, written, 'an object')
}

const wrong = (key: string, found: JsonValue, allowed: string): ConfigError =>
  new ConfigError([
    {
      place: { path: `extra_config."backend/discovery".${key}` },
      message: 'cannot be used',
      found: JSON.stringify(found),
      allowed,
    },
  ])
