import type { ServiceConfig } from '../config/types.ts'
import { withoutUser } from '../pipe/host-user.ts'
import type { Change } from './changes.ts'
import type { Instance, Snapshot } from './discovery.ts'
import type { DiscoveredList, DiscoveryHub } from './hub.ts'
import type { Override } from './overrides.ts'
import type { PoolState } from './pool.ts'
import { snapshot } from './snapshot.ts'
import { staticInstance } from './sources/static.ts'
import { isWatched } from './wanted.ts'

/** What the process knows of its hosts, and why: plain data, for `/discovery`. Times are ISO 8601, durations seconds. */
export function explain(
  hub: DiscoveryHub,
  config: ServiceConfig,
  nowMs: number,
  redact: (text: string) => string = (text) => text,
) {
  const value = {
    at: isoTime(nowMs),
    subscriptions: [...hub.lists().map((list) => polledList(list, nowMs)), ...fixedLists(config)],
  }
  // Registries may repeat in their errors and metadata what they were sent.
  const shown = (_key: string, one: unknown) => (typeof one === 'string' ? redact(one) : one)
  return JSON.parse(JSON.stringify(value, shown)) as typeof value
}

function polledList({ view: { wanted, current }, state, ejected }: DiscoveredList, nowMs: number) {
  const { answeredAtMs, nextAtMs, lastError, failures, isAsking, isWithdrawn } = state
  return {
    name: wanted.service,
    sd: wanted.sd,
    ...(wanted.registry === '' ? {} : { registry: wanted.registry }),
    scheme: wanted.scheme,
    state: stateOf(state),
    age_seconds: answeredAtMs === undefined ? null : seconds(nowMs - answeredAtMs),
    next_refresh_seconds: nextAtMs === undefined ? null : seconds(Math.max(0, nextAtMs - nowMs)),
    is_asking: isAsking,
    is_withdrawn: isWithdrawn,
    failures,
    last_error:
      lastError === undefined
        ? null
        : { at: isoTime(lastError.atMs), result: lastError.result, message: lastError.message },
    ...(state.isHolding ? { is_holding: true } : {}),
    ...(state.isFromFile ? { is_from_snapshot_file: true } : {}),
    ...listed(current, ejected),
    notes: state.notes,
    rules: state.rules,
    ...(state.down.size === 0 ? {} : { down: Object.fromEntries(state.down) }),
    ...(state.overrides.length === 0 ? {} : { overrides: state.overrides.map(overridden) }),
    changes: state.changes.map(changed),
  }
}

/** Fresh while the last look-up worked, stale while an older list serves, fallback while another source does. */
function stateOf({
  instances,
  failures,
  from,
  isFromFile,
}: PoolState): 'fresh' | 'stale' | 'fallback' | 'empty' {
  if (instances === undefined) return 'empty'
  if (from > 0) return 'fallback'
  return failures === 0 && !isFromFile ? 'fresh' : 'stale'
}

/** Lists that stand in the configuration and whose health nobody watches, each once. */
function fixedLists({ endpoints }: ServiceConfig) {
  const lists = new Map<string, readonly string[]>()
  for (const backend of endpoints.flatMap((endpoint) => endpoint.backends))
    if (!isWatched(backend)) lists.set(backend.hosts.map(withoutUser).join(' '), backend.hosts)
  return [...lists].map(([name, hosts]) => {
    const found = hosts.map(staticInstance)
    return {
      name,
      sd: 'static',
      state: 'fresh',
      ...listed(snapshot({ name, version: 1, scheme: 'http', found })),
    }
  })
}

/** The hosts of a snapshot, as explain shows them. */
export function listed(
  current: Snapshot | undefined,
  ejected: ReadonlyMap<string, number> = NOBODY,
) {
  const { instances = [], urls = [], slots = [] } = current ?? {}
  const slotsOf = new Map<number, number>()
  for (const slot of slots) slotsOf.set(slot, (slotsOf.get(slot) ?? 0) + 1)
  return {
    slots: slots.length,
    hosts: instances.map((instance, at) => {
      const url = urls[at] ?? ''
      return host(instance, url, { slots: slotsOf.get(at) ?? 0, ejectedUntilMs: ejected.get(url) })
    }),
  }
}
const NOBODY: ReadonlyMap<string, number> = new Map()

type Standing = { readonly slots: number; readonly ejectedUntilMs: number | undefined }

const host = (instance: Instance, url: string, { slots, ejectedUntilMs }: Standing) => {
  const { addresses, weight, zone, metadata, tier, isHeld, isPinned } = instance
  return {
    url: isPinned === true ? url : withoutUser(url),
    weight,
    slots,
    addresses,
    ...(zone === '' ? {} : { zone }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(tier === undefined ? {} : { tier }),
    ...(isHeld === true ? { is_held: true } : {}),
    ...(ejectedUntilMs === undefined ? {} : { ejected_until: isoTime(ejectedUntilMs) }),
  }
}

/** An operator's wish as the admin listener shows it. */
export const overridden = ({ untilMs, ...rest }: Override) => ({
  ...rest,
  until: isoTime(untilMs),
})

const changed = ({ atMs, added, removed, altered }: Change) => ({
  at: isoTime(atMs),
  added,
  removed,
  altered,
})

const seconds = (ms: number): number => Math.round(ms) / 1000
const isoTime = (ms: number): string => new Date(ms).toISOString()
