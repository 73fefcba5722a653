import type { Logger } from '../telemetry/log.ts'
import type { Meters } from '../telemetry/metrics.ts'
import type { Change } from './changes.ts'
import type { Wanted } from './discovery.ts'
import type { HostCounts } from './host-counts.ts'
import type { Result } from './policy/link.ts'
import type { PoolState } from './pool.ts'

export type Reporter = {
  /** Tells what came of one step: a look-up of the list's own source that ended, a change, or neither. */
  readonly told: (state: PoolState, result: Result | undefined, change: Change | undefined) => void
  /** Sets the numbers that are as they are at a moment. */
  readonly measure: (state: PoolState, counts: HostCounts, nowMs: number) => void
  /** Takes the list's numbers out: nobody wants it any more. */
  readonly close: () => void
}

const HOSTS = 'gateway_discovery_hosts'
const STATES = ['up', 'held', 'ejected', 'down'] as const
const AGE = 'gateway_discovery_age_seconds'

/** Logs and counts what happens to one list. */
export function reporter(wanted: Wanted, log: Logger, meters: Meters): Reporter {
  const name = wanted.service
  const label = `[DISCOVERY: ${wanted.sd} ${name}]`
  const changes = meters.counter('gateway_discovery_changes_total', { name })
  const holds = meters.counter('gateway_discovery_guard_holds_total', { name })
  let wasHolding = false

  return {
    told(state, result, change) {
      const { isHolding, rules } = state
      if (change !== undefined) {
        changes.add(1)
        log.info(label, describe(change, state))
      }
      if (isHolding && !wasHolding) {
        holds.add(1)
        log.error(label, state.notes.findLast((note) => note.includes('guard:')) ?? 'guard')
      }
      wasHolding = isHolding
      if (result !== undefined && result !== 'success')
        log.warning(label, failure(result, state), rules.length > 1 ? `(${rules.at(-1)})` : '')
    },
    measure({ answeredAtMs, down }, counts, nowMs) {
      const all = { ...counts, down: down.size }
      for (const state of STATES) meters.gauge(HOSTS, { name, state }).set(all[state])
      if (answeredAtMs === undefined) return
      meters.gauge(AGE, { name }).set(Math.max(0, nowMs - answeredAtMs) / 1000)
    },
    close() {
      for (const state of STATES) meters.remove(HOSTS, { name, state })
      meters.remove(AGE, { name })
    },
  }
}

function failure(result: Result, { instances, lastError }: PoolState): string {
  const rest =
    instances === undefined ? 'no hosts are known yet' : `the last ${instances.length} hosts stay`
  return `${result}: ${lastError?.message ?? ''}; ${rest}`
}

/** A line of the log names so many hosts of a kind; `/discovery` names all. */
const NAMED = 10

function describe({ added, removed, altered }: Change, state: PoolState): string {
  const parts = [
    ...named('added', added),
    ...named('removed', removed),
    ...named('changed', altered),
    `now ${state.instances?.length ?? 0} hosts`,
  ]
  return parts.join('; ')
}

function named(what: string, places: readonly string[]): string[] {
  if (places.length === 0) return []
  const more = places.length - NAMED
  return [`${what} ${places.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`]
}
