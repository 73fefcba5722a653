import type { ServiceConfig } from '../../../config/types.ts'
import { routeOf } from '../../../pipe/inner-names.ts'
import { cellTotal, type HubSeries, type MetricsHub } from '../../../telemetry/metrics-hub.ts'
import type { StatsConfig } from './config.ts'
import { type Layer, layersOf } from './names.ts'
import { type Cells, cellsNow, EMPTY, type Summary, summary } from './period-histogram.ts'
import { type Runtime, runtimeNow } from './runtime.ts'

/** One combination of a layer's outcomes. */
export type LayerStats = Layer & {
  readonly complete: boolean
  readonly error: boolean
  readonly total: number
  readonly latency: Summary
}
export type EndpointStats = {
  readonly name: string
  /** Replies so far, by status. */
  readonly statuses: readonly (readonly [status: string, count: number])[]
  readonly size: Summary
  readonly time: Summary
}
export type TlsStats = { readonly version: string; readonly cipher: string; readonly count: number }
export type Direction = {
  /** Since the last collection. */
  readonly current: number
  /** In the last whole period. */
  readonly gauge: number
  /** Until the last collection. */
  readonly total: number
}
/** Everything at one moment. Counters are totals; summaries are of the time since the last collection. */
export type Stats = {
  readonly connected: Direction
  readonly disconnected: Direction
  /** Requests over TLS so far, by what their handshakes agreed on. */
  readonly tls: readonly TlsStats[]
  readonly endpoints: readonly EndpointStats[]
  readonly layers: readonly LayerStats[]
  /** As it was at the last collection; `undefined` before the first. */
  readonly runtime: Runtime | undefined
}
export type StatsRegistry = {
  /** Begins a new period. */
  collect(): void
  now(): Stats
}

const OUTCOMES = [false, true].flatMap((complete) =>
  [false, true].map((error) => ({ complete, error })),
)

/** KrakenD's registry, read from the cells of all threads: a collection notes where they stood. */
export function statsRegistry(
  hub: MetricsHub,
  service: ServiceConfig,
  config: StatsConfig,
): StatsRegistry {
  const layers = layersOf(service, config)
  const endpoints = config.hasRouter
    ? [...new Set(service.endpoints.map(({ endpoint }) => routeOf(endpoint)))]
    : []
  const marks = new WeakMap<HubSeries, Cells>()
  const directions = {
    connected: direction(hub, 'stats_connected'),
    disconnected: direction(hub, 'stats_disconnected'),
  }
  let runtime: Runtime | undefined

  const periodOf = (series: HubSeries | undefined): Summary =>
    series === undefined
      ? EMPTY
      : summary(series.family.buckets ?? [], cellsNow(series), marks.get(series))

  return {
    collect() {
      for (const { family, series } of hub.families()) {
        if (family.view !== 'stats' || family.kind !== 'histogram') continue
        for (const each of series.values()) marks.set(each, cellsNow(each))
      }
      directions.connected.collect()
      directions.disconnected.collect()
      runtime = runtimeNow()
    },
    now() {
      const find = finder(hub)
      return {
        connected: directions.connected.now(),
        disconnected: directions.disconnected.now(),
        runtime,
        tls: find.all('stats_tls').map((series) => {
          const [version = '', cipher = ''] = series.values
          return { version, cipher, count: cellTotal(series, 0) }
        }),
        endpoints: endpoints.map((name) => ({
          name,
          statuses: find
            .all('stats_response_status')
            .filter(({ values }) => values[0] === name)
            .map((series) => [series.values[1] ?? '', cellTotal(series, 0)] as const),
          size: periodOf(find.one('stats_response_size', [name])),
          time: periodOf(find.one('stats_response_time', [name])),
        })),
        layers: layers.flatMap((layer) =>
          OUTCOMES.map(({ complete, error }) => {
            const values = [layer.layer, layer.name, String(complete), String(error)]
            const requests = find.one('stats_requests', values)
            return {
              ...layer,
              complete,
              error,
              total: requests === undefined ? 0 : cellTotal(requests, 0),
              latency: periodOf(find.one('stats_latency', values)),
            }
          }),
        ),
      }
    },
  }
}

/** The hub's series by their values, looked up many times at one moment. */
function finder(hub: MetricsHub) {
  const byFamily = new Map<string, Map<string, HubSeries>>()
  for (const { family, series } of hub.families())
    if (family.view === 'stats')
      byFamily.set(
        family.name,
        new Map([...series.values()].map((each) => [each.values.join('\0'), each])),
      )
  return {
    one: (family: string, values: readonly string[]) =>
      byFamily.get(family)?.get(values.join('\0')),
    all: (family: string) => [...(byFamily.get(family)?.values() ?? [])],
  }
}

function direction(hub: MetricsHub, name: string) {
  let collected = 0
  let gauge = 0
  const total = () =>
    finder(hub)
      .all(name)
      .reduce((sum, series) => sum + cellTotal(series, 0), 0)
  return {
    collect() {
      const now = total()
      gauge = now - collected
      collected = now
    },
    now: (): Direction => ({ current: total() - collected, gauge, total: collected }),
  }
}
