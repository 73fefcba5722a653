import { EMPTY, type Summary } from '../metrics/period-histogram.ts'
import type { Direction, Stats } from '../metrics/registry.ts'

/** The percentiles that KrakenD writes. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
const MS_PER_S = 1000
/** InfluxDB's integers have 64 bits; the variance of long times does not always fit. */
const MOST = 2 ** 63 - 1024

type Tags = Readonly<Record<string, string>>
/** A field keeps its type for ever, so each says which it is. */
type Field = { readonly int: number } | { readonly float: number }
type Fields = Readonly<Record<string, Field>>

/**
 * Everything as InfluxDB's line protocol with KrakenD's measurements, tags and fields; times in seconds. Counts are
 * those since the lines before.
 */
export function influxLines(host: string): (stats: Stats, nowMs: number) => string {
  const last = new Map<string, number>()
  const since = (key: string, total: number): Fields => {
    const count = total - (last.get(key) ?? 0)
    last.set(key, total)
    return { total: { int: total }, count: { int: count } }
  }
  return ({ layers, endpoints, connected, disconnected, runtime }, nowMs) => {
    const timeS = Math.floor(nowMs / MS_PER_S)
    const line = (measurement: string, tags: Tags, fields: Fields) =>
      `${measurement}${tagText({ host, ...tags })} ${fieldText(fields)} ${timeS}\n`
    const summed = (measurement: string, tags: Tags, summary: Summary) =>
      summary.count === 0 ? '' : line(measurement, tags, summaryFields(summary))
    return [
      ...layers.flatMap(({ layer, name, complete, error, total, latency }) => {
        const tags = { layer, name, complete: String(complete), error: String(error) }
        const key = JSON.stringify(['requests', tags])
        return [line('requests', tags, since(key, total)), summed('requests', tags, latency)]
      }),
      ...endpoints.flatMap(({ name, statuses, size, time }) => [
        ...statuses.map(([status, total]) =>
          line('responses', { name, status }, since(JSON.stringify([name, status]), total)),
        ),
        summed('router.response-size', { name }, size),
        summed('router.response-time', { name }, time),
      ]),
      line('router', { direction: 'in' }, directionFields(connected)),
      line('router', { direction: 'out' }, directionFields(disconnected)),
      line('debug', {}, GC_FIELDS),
      line('runtime', {}, runtimeFields(runtime)),
      line('service.debug.GCStats.Pause', {}, summaryFields(EMPTY)),
      line('service.runtime.MemStats.PauseNs', {}, summaryFields(EMPTY)),
    ].join('')
  }
}

const directionFields = ({ current, gauge, total }: Direction): Fields => ({
  current: { int: current },
  gauge: { int: gauge },
  total: { int: total },
})

/** Node tells nothing of its collections in these terms. */
const GC_FIELDS: Fields = {
  'GCStats.LastGC': { int: 0 },
  'GCStats.NumGC': { int: 0 },
  'GCStats.PauseTotal': { int: 0 },
}

function runtimeFields(runtime: Stats['runtime']): Fields {
  const memory = Object.entries(runtime ?? {}).map(
    ([name, value]) => [`MemStats.${name}`, { int: value }] as const,
  )
  const zero = { int: 0 }
  return { ...Object.fromEntries(memory), NumCgoCall: zero, NumGoroutine: zero, NumThread: zero }
}

function summaryFields(summary: Summary): Fields {
  return {
    max: { int: summary.max },
    min: { int: summary.min },
    mean: { int: summary.mean },
    stddev: { int: summary.stdDev },
    variance: { int: summary.stdDev ** 2 },
    ...Object.fromEntries(
      SHARES.map((share) => [`p${share}`, { float: summary.percentile(share) }]),
    ),
  }
}

/** https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_tutorial/#special-characters-and-keywords */
const escaped = (text: string): string => text.replace(/[\n\r]/g, ' ').replace(/[,= \\]/g, '\\$&')

const tagText = (tags: Tags): string =>
  Object.entries(tags)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `,${escaped(name)}=${escaped(value)}`)
    .join('')

const fieldText = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, field]) => `${escaped(name)}=${valueText(field)}`)
    .join(',')

const valueText = (field: Field): string =>
  'float' in field ? String(field.float) : `${BigInt(Math.min(Math.trunc(field.int), MOST))}i`
