import { ALL_FAMILIES } from './families.ts'
import type { Family, Meters } from './metrics.ts'
import {
  type AnnouncedSeries,
  carries,
  cellCount,
  type GoneSeries,
  type MeterMessage,
  seriesKey,
  ValueLimits,
} from './series.ts'
import { threadMeters } from './thread-meters.ts'

type Place = {
  readonly thread: number
  readonly cells: Float64Array
  readonly index: number
  /** As the thread announced it, before `other`. */
  readonly values: readonly string[]
}

/** One series of the process: what its threads count now, and what was counted by those that ended. */
export type HubSeries = {
  readonly family: Family
  readonly values: readonly string[]
  /** Where the threads' cells stand. A thread has several where `other` joins many values. */
  readonly places: Place[]
  /** What ended threads and forgotten cells had counted, cell by cell; `undefined` while there were none. */
  base: Float64Array | undefined
}

export type MetricsHub = {
  /** The main thread's own. */
  readonly meters: Meters
  /** Takes what thread number `thread` (1, 2, ...) posted. */
  receive(thread: number, message: MeterMessage): void
  /** A thread is gone: its counters and histograms stay in the totals, its gauges end. */
  threadEnded(thread: number): void
  /** All families with their series, in the order of their table and of their first appearance. */
  families(): Iterable<{ readonly family: Family; readonly series: ReadonlyMap<string, HubSeries> }>
  close(): void
}
export type MetricsHubOptions = {
  readonly families?: readonly Family[]
  /** Milliseconds on any clock. */
  readonly now?: () => number
}

const MAIN_THREAD = 0

/** Where the numbers of all threads meet. Lives in the main thread; `renderMetrics` prints it. */
export function metricsHub(options: MetricsHubOptions = {}): MetricsHub {
  const table: readonly Family[] = options.families ?? ALL_FAMILIES
  const families = new Map(
    table.map((family) => [family.name, { family, series: new Map<string, HubSeries>() }]),
  )
  const chunks = new Map<number, Float64Array[]>()
  const limits = new ValueLimits()

  function add(thread: number, announced: AnnouncedSeries): void {
    const cells = chunks.get(thread)?.[announced.chunk]
    const entry = families.get(announced.name)
    if (entry === undefined || cells === undefined)
      throw new TypeError(`thread ${thread} announced ${announced.name} without its memory`)
    const { family, series } = entry
    const values = limits.admit(family, announced.labelValues)
    const key = seriesKey(family.name, values)
    const found = series.get(key) ?? newSeries(family, values)
    series.set(key, found)
    found.places.push({ thread, cells, index: announced.index, values: announced.labelValues })
  }

  function drop(thread: number, { name, labels }: GoneSeries): void {
    const entry = families.get(name)
    if (entry === undefined) return
    const { family } = entry
    for (const [key, series] of entry.series) {
      fold(series, (place) => place.thread === thread && carries(family, place.values, labels))
      if (series.places.length > 0 || !carries(family, series.values, labels)) continue
      entry.series.delete(key)
      limits.release(family, series.values)
    }
  }

  function receive(thread: number, message: MeterMessage): void {
    const memory = chunks.get(thread) ?? []
    chunks.set(thread, memory)
    for (const chunk of message.chunks) memory.push(new Float64Array(chunk))
    for (const gone of message.gone) drop(thread, gone)
    for (const series of message.series) add(thread, series)
  }

  function threadEnded(thread: number): void {
    chunks.delete(thread)
    for (const { family, series } of families.values())
      for (const [key, each] of series) {
        fold(each, (place) => place.thread === thread)
        if (family.kind === 'gauge' && each.places.length === 0) series.delete(key)
      }
  }

  const meters = threadMeters({
    ...options,
    post: (message) => receive(MAIN_THREAD, message),
  })
  return {
    meters,
    receive,
    threadEnded,
    families() {
      meters.flush()
      return families.values()
    },
    close: meters.close,
  }
}

function newSeries(family: Family, values: readonly string[]): HubSeries {
  return { family, values, places: [], base: undefined }
}

/** Takes cells out of a series; what they counted stays in its totals. */
function fold(series: HubSeries, isEnded: (place: Place) => boolean): void {
  const { family, places } = series
  for (let at = places.length - 1; at >= 0; at--) {
    const place = places[at]
    if (place === undefined || !isEnded(place)) continue
    places.splice(at, 1)
    if (family.kind === 'gauge') continue
    series.base ??= new Float64Array(cellCount(family))
    for (let cell = 0; cell < series.base.length; cell++)
      series.base[cell] = (series.base[cell] ?? 0) + (place.cells[place.index + cell] ?? 0)
  }
}

/** The number in `cell` of a series, over all threads. */
export function cellTotal({ places, base }: HubSeries, cell: number): number {
  let total = base?.[cell] ?? 0
  for (const { cells, index } of places) total += cells[index + cell] ?? 0
  return total
}
