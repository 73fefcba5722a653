import { cellTotal, type HubSeries } from '../../../telemetry/metrics-hub.ts'

/** What a histogram knows of one period. */
export type Summary = {
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly stdDev: number
  /** `share` from 0 to 1. */
  percentile(share: number): number
}

export const EMPTY: Summary = {
  count: 0,
  min: 0,
  max: 0,
  mean: 0,
  stdDev: 0,
  percentile: () => 0,
}

/** The counts and the sum of a histogram at some time. */
export type Cells = { readonly counts: readonly number[]; readonly sum: number }

export function cellsNow(series: HubSeries): Cells {
  const buckets = series.family.buckets ?? []
  return {
    counts: Array.from({ length: buckets.length + 1 }, (_none, at) => cellTotal(series, at)),
    sum: cellTotal(series, buckets.length + 1),
  }
}

/**
 * What was counted between two times. Single values are gone: apart from count and mean, and from what only one
 * value or bucket can mean, numbers are those of the buckets, within five percent.
 */
export function summary(bounds: readonly number[], now: Cells, before: Cells | undefined): Summary {
  const counts = now.counts.map((count, at) => count - (before?.counts[at] ?? 0))
  const count = counts.reduce((sum, each) => sum + each, 0)
  if (count === 0) return EMPTY
  const mean = (now.sum - (before?.sum ?? 0)) / count
  const used = counts.flatMap((each, at) =>
    each > 0 ? [{ count: each, value: middle(bounds, at) }] : [],
  )
  // All in one bucket: then their mean says more than the bucket does.
  const [only] = used
  const values =
    used.length === 1 && only !== undefined ? [{ count: only.count, value: mean }] : used
  const center = values.reduce((sum, { count: n, value }) => sum + n * value, 0) / count
  const variance =
    values.reduce((sum, each) => sum + each.count * (each.value - center) ** 2, 0) / count
  return {
    count,
    min: values[0]?.value ?? 0,
    max: values.at(-1)?.value ?? 0,
    mean,
    stdDev: Math.sqrt(variance),
    percentile(share) {
      let rest = Math.max(1, Math.ceil(share * count))
      for (const { count: n, value } of values) {
        rest -= n
        if (rest <= 0) return value
      }
      return values.at(-1)?.value ?? 0
    },
  }
}

function middle(bounds: readonly number[], bucket: number): number {
  const high = bounds[bucket] ?? bounds.at(-1) ?? 0
  const low = bounds[bucket - 1] ?? 0
  return low === 0 ? high : Math.sqrt(low * high)
}
