import { attributeLabels, type SeriesAttributes } from '../../../telemetry/instruments.ts'
import type { Counter, Histogram, Meters } from '../../../telemetry/metrics.ts'

/** Counts bodies read from upstreams. */
export type ReadMeter = (bytes: number, seconds: number, isBroken: boolean) => void

type Cells = {
  readonly size: Counter
  readonly sizes: Histogram
  readonly time: Counter
  readonly times: Histogram
}

export function readMeter(meters: Meters, fixed: SeriesAttributes): ReadMeter {
  const cellsWith = (attributes: SeriesAttributes): Cells => {
    const labels = attributeLabels(attributes)
    return {
      size: meters.counter('http_client_response_read_size_total', labels),
      sizes: meters.histogram('http_client_response_read_size_hist', labels),
      time: meters.counter('http_client_response_read_time_seconds_total', labels),
      times: meters.histogram('http_client_response_read_time_hist_seconds', labels),
    }
  }
  let whole: Cells | undefined
  let broken: Cells | undefined
  return (bytes, seconds, isBroken) => {
    let cells: Cells
    if (isBroken) {
      broken ??= cellsWith({ ...fixed, error: 'true' })
      cells = broken
    } else {
      whole ??= cellsWith(fixed)
      cells = whole
    }
    cells.size.add(bytes)
    cells.sizes.observe(bytes)
    cells.time.add(seconds)
    cells.times.observe(seconds)
  }
}
