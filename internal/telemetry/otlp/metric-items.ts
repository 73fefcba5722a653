import { setImmediate as nextTurn } from 'node:timers/promises'
import { attributesOf, type Instrument, instrumentByFamily } from '../instruments.ts'
import { cellTotal, type HubSeries, type MetricsHub } from '../metrics-hub.ts'
import { writeAttributes } from './attributes.ts'
import { ProtoWriter } from './proto-writer.ts'

/** AGGREGATION_TEMPORALITY_CUMULATIVE: totals since the start, as Go's SDK sends them. */
const CUMULATIVE = 2
const NS_PER_MS = 1e6
/** After this long the main thread looks at everything else. */
const SLICE_MS = 1

/** When the counting began and when it was looked at, in milliseconds since the epoch. */
export type Period = { readonly startMs: number; readonly nowMs: number }

/** Every instrument's series as `Metric` messages (field 2 of their scope); in slices, as there may be thousands. */
export async function metricItems(hub: MetricsHub, period: Period): Promise<Buffer> {
  const writer = new ProtoWriter(64 * 1024)
  let sliceStartMs = performance.now()
  for (const { family, series } of hub.families()) {
    const instrument = instrumentByFamily.get(family.name)
    if (family.view !== 'opentelemetry' || instrument === undefined || series.size === 0) continue
    const metric = openMetric(writer, instrument)
    for (const each of series.values()) {
      if (instrument.kind === 'histogram') writeHistogramPoint(writer, each, period)
      else writeNumberPoint(writer, each, instrument, period)
      if (performance.now() - sliceStartMs < SLICE_MS) continue
      await nextTurn()
      sliceStartMs = performance.now()
    }
    metric.close()
  }
  return writer.take()
}

function openMetric(writer: ProtoWriter, instrument: Instrument) {
  const { name, help, unit, kind } = instrument
  const metric = writer.open(2)
  writer.text(1, name)
  if (help !== '') writer.text(2, help)
  if (unit !== '') writer.text(3, unit)
  const data = writer.open(kind === 'histogram' ? 9 : 7)
  return {
    close() {
      writer.uint(2, CUMULATIVE)
      if (kind === 'counter') writer.uint(3, 1)
      writer.close(data)
      writer.close(metric)
    },
  }
}

function writeTimes(writer: ProtoWriter, { startMs, nowMs }: Period): void {
  writer.fixed64(2, startMs * NS_PER_MS)
  writer.fixed64(3, nowMs * NS_PER_MS)
}

function writeNumberPoint(
  writer: ProtoWriter,
  series: HubSeries,
  instrument: Instrument,
  period: Period,
): void {
  const point = writer.open(1)
  writeTimes(writer, period)
  const total = cellTotal(series, 0)
  if (instrument.unit === 's') writer.double(4, total)
  else writer.fixed64(6, total)
  writeAttributes(writer, 7, attributesOf(series.values).flat())
  writer.close(point)
}

function writeHistogramPoint(writer: ProtoWriter, series: HubSeries, period: Period): void {
  const bounds = series.family.buckets ?? []
  const counts = Array.from({ length: bounds.length + 1 }, (_none, at) => cellTotal(series, at))
  const point = writer.open(1)
  writeTimes(writer, period)
  writer.fixed64(
    4,
    counts.reduce((sum, count) => sum + count, 0),
  )
  writer.double(5, cellTotal(series, bounds.length + 1))
  writer.packedFixed64(6, counts, counts.length)
  writer.packedDoubles(7, bounds)
  writeAttributes(writer, 9, attributesOf(series.values).flat())
  writer.close(point)
}
