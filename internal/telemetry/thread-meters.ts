import { CellMemory, type CellPlace, Meter } from './cells.ts'
import { ALL_FAMILIES } from './families.ts'
import type { Family, Labels, Meters } from './metrics.ts'
import {
  type AnnouncedSeries,
  carries,
  cellCount,
  type GoneSeries,
  labelValuesOf,
  type MeterMessage,
  seriesKey,
  ValueLimits,
} from './series.ts'

export type ThreadMeters = Meters & {
  /** Posts what is not announced yet: called by itself at the end of the tick, and by whoever cannot wait. */
  flush(): void
  /** Forgets what was removed long enough ago: called by itself about once a minute. */
  sweep(): void
  close(): void
}
export type ThreadMetersOptions = {
  /** Carries a message to the main thread's hub. */
  readonly post: (message: MeterMessage) => void
  /** Milliseconds on any clock. */
  readonly now?: () => number
  readonly families?: readonly Family[]
}

/** How long a removed series is still shown. */
const REMOVED_SERIES_MS = 10 * 60_000
const SWEEP_EVERY_MS = 60_000

type Series = {
  readonly family: Family
  readonly values: readonly string[]
  readonly meter: Meter
  readonly place: CellPlace
}
type Removal = GoneSeries & { readonly atMs: number }
/** Cells that the main thread may still read once: they wait one turn of the sweep before others get them. */
type Resting = { readonly place: CellPlace; readonly count: number }

/**
 * One thread's meters. Each number is a slot in shared memory that only this thread writes, so counting is
 * one plain addition (9 ns); the main thread is told once where a new series stands and reads it when scraped.
 */
export function threadMeters(options: ThreadMetersOptions): ThreadMeters {
  const { post, now = () => performance.now() } = options
  const families = new Map<string, Family>(
    (options.families ?? ALL_FAMILIES).map((family) => [family.name, family]),
  )
  const memory = new CellMemory()
  const limits = new ValueLimits()
  const known = new Map<string, Series>()
  const removals = new Map<string, Removal>()
  let resting: Resting[] = []
  let announced: AnnouncedSeries[] = []
  let gone: GoneSeries[] = []
  let isFlushPlanned = false
  let sweeper: NodeJS.Timeout | undefined

  function flush(): void {
    isFlushPlanned = false
    if (announced.length + gone.length === 0) return
    const message = { chunks: memory.newChunks(), series: announced, gone }
    announced = []
    gone = []
    post(message)
  }
  function planFlush(): void {
    if (isFlushPlanned) return
    isFlushPlanned = true
    queueMicrotask(flush)
  }

  function meterOf(name: string, kind: Family['kind'], labels: Labels): Meter {
    const family = families.get(name)
    if (family?.kind !== kind) throw new TypeError(`no ${kind} is called ${name}`)
    const values = limits.admit(family, labelValuesOf(family, labels))
    for (const [key, removal] of removals)
      if (removal.name === name && carries(family, values, removal.labels)) removals.delete(key)
    const key = seriesKey(name, values)
    const found = known.get(key)
    if (found !== undefined) return found.meter
    const place = memory.take(cellCount(family))
    const meter = new Meter(place, family.buckets ?? [])
    known.set(key, { family, values, meter, place })
    announced.push({ name, labelValues: values, chunk: place.chunk, index: place.index })
    planFlush()
    return meter
  }

  function forget({ name, labels }: GoneSeries): void {
    // A message says what went before what came: what came until now goes first.
    if (announced.length > 0) flush()
    for (const [key, { family, values, meter, place }] of known) {
      if (family.name !== name || !carries(family, values, labels)) continue
      known.delete(key)
      meter.detach()
      limits.release(family, values)
      resting.push({ place, count: cellCount(family) })
    }
    gone.push({ name, labels })
    planFlush()
  }
  function sweep(): void {
    for (const { place, count } of resting) memory.giveBack(place, count)
    resting = []
    const before = now() - REMOVED_SERIES_MS
    for (const [key, removal] of removals) {
      if (removal.atMs > before) continue
      removals.delete(key)
      forget(removal)
    }
    if (removals.size + resting.length > 0) return
    clearInterval(sweeper)
    sweeper = undefined
  }

  return {
    counter: (name, labels = {}) => meterOf(name, 'counter', labels),
    gauge: (name, labels = {}) => meterOf(name, 'gauge', labels),
    histogram: (name, labels = {}) => meterOf(name, 'histogram', labels),
    remove(name, labels) {
      const key = seriesKey(name, Object.entries(labels).flat())
      if (!removals.has(key)) removals.set(key, { name, labels, atMs: now() })
      sweeper ??= setInterval(sweep, SWEEP_EVERY_MS).unref()
    },
    flush,
    sweep,
    close: () => clearInterval(sweeper),
  }
}
