import type { Summary } from './period-histogram.ts'
import { EMPTY } from './period-histogram.ts'
import type { Direction, Stats } from './registry.ts'
import { RUNTIME_NAMES, runtimeNow } from './runtime.ts'

/** The percentiles that go-metrics shows. */
export const PERCENTILES = [
  ['50-percentile', 0.5],
  ['75-percentile', 0.75],
  ['95-percentile', 0.95],
  ['99-percentile', 0.99],
  ['999-percentile', 0.999],
] as const

type Entry = readonly [name: string, value: unknown]

/** What `GET /__stats` answers: one flat object, named as KrakenD's. */
export function statsPage(stats: Stats): Record<string, unknown> {
  return Object.fromEntries([
    ['cmdline', process.argv],
    ['memstats', goMemory()],
    ...direction('connected', stats.connected),
    ...direction('disconnected', stats.disconnected),
    ...tls(stats.tls),
    ...stats.endpoints.flatMap(({ name, statuses, size, time }): Entry[] => {
      const key = `krakend.router.response.${name}`
      return [
        [`${key}.status`, 0],
        ...statuses.map(([status, count]): Entry => [`${key}.status.${status}.count`, count]),
        ...histogram(`${key}.size`, size),
        ...histogram(`${key}.time`, time),
      ]
    }),
    ...stats.layers.flatMap(({ layer, name, complete, error, total, latency }): Entry[] => {
      const key = `layer.${layer}.name.${name}.complete.${complete}.error.${error}`
      return [
        [`krakend.proxy.requests.${key}`, total],
        ...histogram(`krakend.proxy.latency.${key}`, latency),
      ]
    }),
    ...service(stats),
  ])
}

const direction = (name: string, { current, gauge, total }: Direction): Entry[] => [
  [`krakend.router.${name}`, current],
  [`krakend.router.${name}-gauge`, gauge],
  [`krakend.router.${name}-total`, total],
]

/** Go's name for a version that OpenSSL calls `TLSv1.2`. */
const goVersion = (version: string): string =>
  `VersionTLS${version.slice('TLSv'.length).replace('.', '').padEnd(2, '0')}`

function tls(kinds: Stats['tls']): Entry[] {
  const counts = new Map<string, number>()
  const add = (name: string, count: number) => counts.set(name, (counts.get(name) ?? 0) + count)
  for (const { version, cipher, count } of kinds) {
    add(`krakend.router.tls_version.${goVersion(version)}.count`, count)
    add(`krakend.router.tls_cipher.${cipher}.count`, count)
  }
  return [...counts]
}

const histogram = (name: string, summary: Summary): Entry[] => [
  [`${name}.count`, summary.count],
  [`${name}.min`, Math.round(summary.min)],
  [`${name}.max`, Math.round(summary.max)],
  [`${name}.mean`, summary.mean],
  [`${name}.std-dev`, summary.stdDev],
  ...PERCENTILES.map(([label, share]): Entry => [`${name}.${label}`, summary.percentile(share)]),
]

/** How long Go took to read its own numbers: nothing of the kind happens here. */
const timer = (name: string): Entry[] => [
  ...histogram(name, EMPTY),
  ...['one-minute', 'five-minute', 'fifteen-minute', 'mean-rate'].map(
    (rate): Entry => [`${name}.${rate}`, 0],
  ),
]

function service({ runtime }: Stats): Entry[] {
  const debug = 'krakend.service.debug'
  const go = 'krakend.service.runtime'
  return [
    [`${debug}.GCStats.LastGC`, 0],
    [`${debug}.GCStats.NumGC`, 0],
    [`${debug}.GCStats.PauseTotal`, 0],
    ...histogram(`${debug}.GCStats.Pause`, EMPTY),
    ...timer(`${debug}.ReadGCStats`),
    ...RUNTIME_NAMES.map((name): Entry => [`${go}.MemStats.${name}`, runtime?.[name] ?? 0]),
    ...histogram(`${go}.MemStats.PauseNs`, EMPTY),
    ...timer(`${go}.ReadMemStats`),
    [`${go}.NumCgoCall`, 0],
    [`${go}.NumGoroutine`, 0],
    [`${go}.NumThread`, 0],
  ]
}

/** The object that Go's `expvar` shows, as it is now. */
const goMemory = () => ({
  ...runtimeNow(),
  PauseNs: [],
  PauseEnd: [],
  BySize: [],
  GCSys: 0,
  OtherSys: 0,
  NumForcedGC: 0,
})
