import type { Logger } from '../telemetry/log.ts'
import type { Meters } from '../telemetry/metrics.ts'
import { DEFAULT_CHOICE } from './choice.ts'
import { DiscoveryError, type Source, type Wanted } from './discovery.ts'
import { Ejections } from './ejections.ts'
import { type Checker, HealthChecks } from './health-checks.ts'
import { hostCounts } from './host-counts.ts'
import { chainOf, isFixed } from './links.ts'
import { type Lookups, lookups } from './lookups.ts'
import type { DiscoveryPort, FromThread } from './messages.ts'
import { type Override, overridesFor } from './overrides.ts'
import type { Timer } from './poll-timing.ts'
import { Pool, type PoolState } from './pool.ts'
import type { Registries } from './registries.ts'
import { type Reporter, reporter } from './report.ts'
import { type SnapshotFiles, snapshotFiles } from './snapshot-file.ts'
import { View } from './view.ts'

export type HubOptions = {
  readonly registries: Registries
  /** `dns_cache_ttl`: how often names are asked again. */
  readonly periodMs: number
  readonly log: Logger
  readonly meters: Meters
  readonly now: () => number
  readonly random: () => number
  readonly timer: Timer
  /** Asks instances whether they are well; without it nobody is asked. Closed with the hub. */
  readonly checker?: Checker | undefined
}

type Entry = {
  readonly pool: Pool
  readonly wanted: Wanted
  readonly views: Set<View>
  readonly reporter: Reporter
  readonly ejections: Ejections
  /** Stops listening to the polls of its chain. */
  readonly leave: () => void
}

/** One list of the process and where it stands. */
export type DiscoveredList = {
  readonly view: View
  readonly state: PoolState
  /** Hosts that are out after failures, by URL, and until when. */
  readonly ejected: ReadonlyMap<string, number>
}

/** How often ages are set: finer than any scrape. */
const MEASURE_MS = 1000
/** Readiness waits no longer for sources that do not answer. */
const READY_DEADLINE_MS = 30_000

/**
 * The main thread's side of discovery: one poll per name for the whole process, whatever the number of threads
 * and of backends that want it; one pool of hosts per way to want it; one view of that per scheme. Views are
 * posted to the threads.
 */
export class DiscoveryHub {
  #options: HubOptions
  readonly #lookups: Lookups
  readonly #files: SnapshotFiles
  readonly #pools = new Map<string, Entry>()
  readonly #views = new Map<string, View>()
  readonly #startMs: number
  #overrides: readonly Override[] = []

  #cancelMeasure = () => {}

  constructor(options: HubOptions) {
    this.#options = options
    this.#startMs = options.now()
    this.#lookups = lookups(options, (wanted) => this.#source(wanted))
    this.#files = snapshotFiles(options)
    this.#measureAges()
  }

  /** Serves one thread; the returned function ends that (the thread is gone). */
  connect(port: DiscoveryPort): () => void {
    const hear = (message: FromThread): void => {
      if (message.type === 'subscribe') this.#subscribe(message.key, message.wanted, port)
      else if (message.type === 'unsubscribe') this.#unsubscribe(message.key, port)
      else this.#ejected(message.key, message.url, message.forMs)
    }
    port.on('message', hear)
    return () => {
      port.off('message', hear)
      for (const key of [...this.#views.keys()]) this.#unsubscribe(key, port)
    }
  }

  /**
   * Takes over a new configuration's period and registries (built with the last ones as `previous`). Lists in
   * use stay until their new source answers.
   */
  reconfigure(changed: Pick<HubOptions, 'registries' | 'periodMs'>): void {
    const last = this.#options
    this.#options = { ...last, ...changed }
    this.#lookups.reconfigure(changed.periodMs)
    if (last.registries !== changed.registries) void last.registries.closeAllBut(changed.registries)
  }

  /** Every list of the process with where it stands, for explain and metrics. */
  lists(): DiscoveredList[] {
    const nowMs = this.#options.now()
    return [...this.#views.values()].map((view) => ({
      view,
      state: view.state,
      ejected: this.#pools.get(poolKeyOf(view.wanted))?.ejections.at(nowMs) ?? new Map(),
    }))
  }

  /** What the lists are called, each once. */
  names(): string[] {
    return [...new Set([...this.#pools.values()].map(({ wanted }) => wanted.service))]
  }

  /** Names whose first answer is still awaited, while there is time: a gateway that waits for them is not ready. */
  awaited(): string[] {
    if (this.#options.now() - this.#startMs >= READY_DEADLINE_MS) return []
    return [...this.#pools.values()]
      .filter(({ pool }) => pool.state.instances === undefined)
      .map(({ wanted }) => wanted.service)
  }

  get overrides(): readonly Override[] {
    const nowMs = this.#options.now()
    return this.#overrides.filter(({ untilMs }) => untilMs > nowMs)
  }

  /** Takes over what operators ask for, in place of what they asked for before. */
  override(overrides: readonly Override[]): void {
    this.#overrides = overrides
    for (const { pool, wanted } of this.#pools.values())
      pool.override(overridesFor(wanted, overrides))
  }

  /** Ends every look-up and closes the registries. */
  async close(): Promise<void> {
    this.#cancelMeasure()
    for (const { pool, leave } of this.#pools.values()) {
      pool.close()
      leave()
    }
    this.#pools.clear()
    this.#views.clear()
    await this.#files.close()
    await this.#options.checker?.close()
    await this.#options.registries.closeAllBut(undefined)
  }

  #measureAges(): void {
    for (const entry of this.#pools.values()) this.#measure(entry)
    this.#cancelMeasure = this.#options.timer(MEASURE_MS, () => this.#measureAges())
  }

  #measure({ pool, views, reporter, ejections }: Entry): void {
    const nowMs = this.#options.now()
    const lists = [...views].map(({ current }) => current)
    reporter.measure(pool.state, hostCounts(lists, ejections.at(nowMs)), nowMs)
  }

  #ejected(key: string, url: string, forMs: number): void {
    const view = this.#views.get(key)
    const entry = view === undefined ? undefined : this.#pools.get(poolKeyOf(view.wanted))
    if (entry === undefined) return
    entry.ejections.note(url, this.#options.now() + forMs)
    this.#measure(entry)
  }

  #subscribe(key: string, wanted: Wanted, port: DiscoveryPort): void {
    const view = this.#views.get(key) ?? this.#startView(key, wanted)
    view.add(port)
  }

  #unsubscribe(key: string, port: DiscoveryPort): void {
    const view = this.#views.get(key)
    if (view === undefined || view.remove(port) > 0) return
    this.#views.delete(key)
    const poolKey = poolKeyOf(view.wanted)
    const entry = this.#pools.get(poolKey)
    entry?.views.delete(view)
    if (entry === undefined || entry.views.size > 0) return
    this.#pools.delete(poolKey)
    entry.pool.close()
    entry.leave()
    entry.reporter.close()
  }

  #startView(key: string, wanted: Wanted): View {
    const entry = this.#pools.get(poolKeyOf(wanted)) ?? this.#startPool(wanted)
    const view = new View(key, wanted, entry.pool.state)
    this.#views.set(key, view)
    entry.views.add(view)
    this.#measure(entry)
    return view
  }

  #startPool(wanted: Wanted): Entry {
    const { log, meters, now, timer } = this.#options
    const choice = wanted.choice ?? DEFAULT_CHOICE
    const views = new Set<View>()
    const report = reporter(wanted, log, meters)
    const key = poolKeyOf(wanted)
    const links = chainOf(wanted)
    const leaving: (() => void)[] = []
    const pool = new Pool({
      choice,
      links: links.map((link) => ({
        name: link.name,
        fixed: link.fixed,
        nameDefault: isFixed(link) ? () => [] : () => this.#lookups.fallback(link.wanted),
      })),
      now,
      timer,
      tell: (state, result, change) => {
        report.told(state, result, change)
        if (result === 'success' || change !== undefined)
          this.#files.put(choice.snapshotFile, key, state)
        for (const view of views) view.update(state)
        this.#measure(entry)
        checks?.follow(pool.listed)
      },
    })
    const checks = this.#checksOf(wanted, (down) => pool.checked(down))
    if (checks !== undefined) leaving.push(() => checks.close())
    const leave = () => {
      for (const end of leaving) end()
    }
    const entry: Entry = {
      pool,
      wanted,
      views,
      reporter: report,
      ejections: new Ejections(),
      leave,
    }
    this.#pools.set(key, entry)
    const kept = this.#files.get(choice.snapshotFile, key)
    if (kept !== undefined) pool.standIn(kept.instances, kept.atMs)
    if (this.#overrides.length > 0) pool.override(overridesFor(wanted, this.#overrides))
    pool.open()
    for (const [at, link] of links.entries())
      if (!isFixed(link))
        leaving.push(
          this.#lookups.listen(link.wanted, (state, outcome) => pool.heard(at, state, outcome)),
        )
    return entry
  }

  #checksOf(
    { choice, scheme }: Wanted,
    tell: (down: ReadonlyMap<string, string>) => void,
  ): HealthChecks | undefined {
    const { checker, timer, random } = this.#options
    if (checker === undefined || choice?.checks === undefined) return undefined
    const { call } = checker
    return new HealthChecks({ checks: choice.checks, scheme, call, timer, random, tell })
  }

  #source(wanted: Wanted): Source {
    try {
      return this.#options.registries.source(wanted)
    } catch (error) {
      // Failures of one name never affect another: this one's look-ups fail with the reason.
      const message = error instanceof Error ? error.message : String(error)
      return { ask: async () => Promise.reject(new DiscoveryError('broken', message, error)) }
    }
  }
}

/** Lists wanted with another scheme are one pool; only DNS does not tell small letters from capitals. */
const poolKeyOf = ({ sd, registry, service, hosts, choice, scheme }: Wanted): string =>
  JSON.stringify([
    sd,
    registry,
    sd === 'dns' ? service.toLowerCase() : service,
    hosts,
    choice,
    // Checks ask by the scheme.
    choice?.checks === undefined ? '' : scheme,
  ])
