import { parseDuration } from '../config/duration.ts'
import { ConfigError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import {
  type Action,
  type ActiveChecks,
  type ChainLink,
  type Choice,
  DEFAULT_CHOICE,
  type Filter,
  type Policy,
  type SnapshotFileChoice,
} from './choice.ts'
import type { Guard } from './policy/guard.ts'

/** A snapshot older than this names hosts that others may have by now. */
const DEFAULT_SNAPSHOT_AGE_MS = 24 * 3_600_000
const DEFAULT_CHECK_INTERVAL_MS = 10_000
const DEFAULT_CHECK_TIMEOUT_MS = 1000
const ACTIONS: readonly string[] = ['keep', 'fallback', 'drop'] satisfies readonly Action[]

/**
 * What `backend/discovery` says, with every default filled in. `path` is where it stands.
 *
 * @throws {ConfigError} naming what cannot work
 */
export function readChoice(written: JsonObject, path: string): Choice {
  const policy = part(written['policy'], `${path}.policy`)
  return {
    filter: filterOf(written),
    policy: policyOf(policy, `${path}.policy`),
    guard: guardOf(part(policy['guard'], `${path}.policy.guard`), `${path}.policy.guard`),
    slowStartMs: durationAt(policy, 'slow_start', `${path}.policy`) ?? 0,
    chain: chainOf(written['chain'], `${path}.chain`),
    snapshotFile: snapshotOf(policy, `${path}.policy`),
    checks: checksOf(part(written['health'], `${path}.health`), `${path}.health`),
  }
}

function checksOf(health: JsonObject, place: string): ActiveChecks | undefined {
  if (health['active'] === undefined) return undefined
  const path = `${place}.active`
  const active = part(health['active'], path)
  const { path: asked = '/' } = active
  if (typeof asked !== 'string' || !asked.startsWith('/'))
    throw wrong(`${path}.path`, 'a path that begins with /', asked)
  return {
    path: asked,
    intervalMs: durationAt(active, 'interval', path) ?? DEFAULT_CHECK_INTERVAL_MS,
    timeoutMs: durationAt(active, 'timeout', path) ?? DEFAULT_CHECK_TIMEOUT_MS,
  }
}

function filterOf({ metadata, tags, port }: JsonObject): Filter {
  const pairs = Object.entries(part(metadata, ''))
  return {
    metadata: Object.fromEntries(pairs.map(([key, value]) => [key, String(value)])),
    tags: Array.isArray(tags) ? tags.map(String) : [],
    port: port === undefined ? '' : String(port),
  }
}

function policyOf(written: JsonObject, path: string): Policy {
  const action = (key: string): Action | undefined => {
    const value = written[key]
    if (value === undefined) return undefined
    if (typeof value === 'string' && ACTIONS.includes(value)) return value as Action
    throw wrong(`${path}.${key}`, ACTIONS.join(', '), value)
  }
  return {
    maxStaleMs: durationAt(written, 'max_stale', path),
    onUnreachable: action('on_unreachable') ?? 'keep',
    onNotFound: action('on_not_found'),
    onEmpty: action('on_empty') ?? 'keep',
    onPartial: action('on_partial') ?? 'keep',
  }
}

function guardOf(written: JsonObject, path: string): Guard {
  const { max_removed: share, confirmations = DEFAULT_CHOICE.guard.confirmations } = written
  if (share !== undefined && !(typeof share === 'number' && share >= 0 && share <= 1))
    throw wrong(`${path}.max_removed`, 'a share from 0 to 1', share)
  if (!(typeof confirmations === 'number' && Number.isInteger(confirmations) && confirmations > 0))
    throw wrong(`${path}.confirmations`, 'a whole number from 1', confirmations)
  return {
    maxRemoved: share,
    confirmations,
    holdMs: durationAt(written, 'hold', path) ?? DEFAULT_CHOICE.guard.holdMs,
  }
}

function chainOf(written: JsonValue | undefined, path: string): readonly ChainLink[] {
  if (written === undefined) return []
  if (!Array.isArray(written)) throw wrong(path, 'a list of sources', written)
  return written.map((one, at) => {
    const { sd, host, registry } = part(one, `${path}[${at}]`)
    if (typeof sd !== 'string' || sd === '')
      throw wrong(`${path}[${at}].sd`, 'a kind of registry', sd ?? null)
    if (
      !Array.isArray(host) ||
      host.length === 0 ||
      !host.every((name) => typeof name === 'string')
    )
      throw wrong(`${path}[${at}].host`, 'addresses, or the name of the service', host ?? null)
    return { sd, registry: typeof registry === 'string' ? registry : '', hosts: host }
  })
}

function snapshotOf(written: JsonObject, path: string): SnapshotFileChoice | undefined {
  const { snapshot_file: file } = written
  if (file === undefined) return undefined
  if (typeof file !== 'string' || file === '') throw wrong(`${path}.snapshot_file`, 'a path', file)
  const maxAgeMs = durationAt(written, 'snapshot_max_age', path) ?? DEFAULT_SNAPSHOT_AGE_MS
  return { path: file, maxAgeMs }
}

/** The object at a key; an absent one is empty. */
function part(written: JsonValue | undefined, path: string): JsonObject {
  if (written === undefined) return {}
  if (typeof written === 'object' && written !== null && !Array.isArray(written)) return written
  throw wrong(path, 'an object', written)
}

/** A duration above 0. */
function durationAt(written: JsonObject, key: string, path: string): number | undefined {
  const value = written[key]
  if (value === undefined) return undefined
  const parsed = typeof value === 'string' ? parseDuration(value) : { reason: 'no text' }
  if ('ms' in parsed && parsed.ms > 0) return parsed.ms
  throw wrong(`${path}.${key}`, 'a duration such as 300ms, 30s or 1h30m', value)
}

const wrong = (path: string, allowed: string, found: JsonValue): ConfigError =>
  new ConfigError([
    { place: { path }, message: 'cannot be used', found: JSON.stringify(found), allowed },
  ])
