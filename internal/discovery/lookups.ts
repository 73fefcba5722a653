import type { Meters } from '../telemetry/metrics.ts'
import type { Found, Source, Wanted } from './discovery.ts'
import { type Outcome, Poll, type PollState } from './poll.ts'
import type { Timer } from './poll-timing.ts'

export type LookupOptions = {
  readonly periodMs: number
  readonly meters: Meters
  readonly now: () => number
  readonly random: () => number
  readonly timer: Timer
}

/** Told of each step of a poll, with what came of a look-up if one ended. */
export type LookupListener = (state: PollState, outcome: Outcome | undefined) => void

/** The polls of the process: one per name, whoever wants it. */
export type Lookups = {
  /** Told at once how things stand. The returned function ends that, and the poll with its last listener. */
  listen(wanted: Wanted, listener: LookupListener): () => void
  /** What the service's name itself names for. */
  fallback(wanted: Wanted): readonly Found[]
  /** Takes over changed registries and period. */
  reconfigure(periodMs: number): void
}

type Polled = {
  readonly poll: Poll
  readonly wanted: Wanted
  source: Source
  readonly listeners: Set<LookupListener>
  /** The last list and the last outcome, for who comes later. */
  lastList: Outcome | undefined
  last: Outcome | undefined
}

/** Starts a poll with its first listener and ends it with its last. */
export function lookups(options: LookupOptions, sourceOf: (wanted: Wanted) => Source): Lookups {
  const polls = new Map<string, Polled>()
  let { periodMs } = options

  function start(wanted: Wanted): Polled {
    const { now, random, timer } = options
    const source = sourceOf(wanted)
    const tell = (state: PollState, outcome: Outcome | undefined) => {
      if (outcome !== undefined) {
        count(options.meters, wanted.service, outcome)
        entry.last = outcome
        if (outcome.result === 'success' || outcome.result === 'partial') entry.lastList = outcome
      }
      for (const listener of entry.listeners) listener(state, outcome)
    }
    const poll = new Poll({ service: wanted.service, source, periodMs, now, random, timer, tell })
    const entry: Polled = {
      poll,
      wanted,
      source,
      listeners: new Set(),
      lastList: undefined,
      last: undefined,
    }
    return entry
  }

  return {
    listen(wanted, listener) {
      const key = pollKeyOf(wanted)
      const known = polls.get(key)
      const entry = known ?? start(wanted)
      entry.listeners.add(listener)
      polls.set(key, entry)
      if (known === undefined) entry.poll.start()
      else {
        if (entry.lastList !== entry.last) listener(entry.poll.state, entry.lastList)
        listener(entry.poll.state, entry.last)
      }
      return () => {
        entry.listeners.delete(listener)
        if (entry.listeners.size > 0) return
        entry.poll.close()
        if (polls.get(key) === entry) polls.delete(key)
      }
    },
    fallback: (wanted) => polls.get(pollKeyOf(wanted))?.poll.fallback() ?? [],
    reconfigure(nextPeriodMs) {
      for (const entry of polls.values()) {
        const source = sourceOf(entry.wanted)
        if (source === entry.source && periodMs === nextPeriodMs) continue
        entry.source = source
        entry.poll.change({ source, periodMs: nextPeriodMs })
      }
      periodMs = nextPeriodMs
    },
  }
}

function count(meters: Meters, name: string, { result, tookMs }: Outcome): void {
  meters.counter('gateway_discovery_refreshes_total', { name, result }).add(1)
  if (tookMs !== undefined)
    meters.histogram('gateway_discovery_refresh_seconds', { name }).observe(tookMs / 1000)
}

/** Names wanted in other ways are one poll; only DNS does not tell small letters from capitals. */
const pollKeyOf = ({ sd, registry, service }: Wanted): string =>
  JSON.stringify([sd, registry, sd === 'dns' ? service.toLowerCase() : service])
