import type { Family, Labels } from './metrics.ts'

/** What a thread tells the main thread about its cells. */
export type MeterMessage = {
  /** Memory that the main thread has not seen yet, in order of its number. */
  readonly chunks: readonly SharedArrayBuffer[]
  /** Removed long enough ago: their cells are used for others soon. Happened before `series`. */
  readonly gone: readonly GoneSeries[]
  readonly series: readonly AnnouncedSeries[]
}
export type AnnouncedSeries = {
  readonly name: string
  /** In the family's order. */
  readonly labelValues: readonly string[]
  readonly chunk: number
  /** Of the first cell: one for counters and gauges; the buckets, +Inf and the sum for histograms. */
  readonly index: number
}
/** All series of `name` that carry `labels`. */
export type GoneSeries = { readonly name: string; readonly labels: Labels }

/** What the label of a limited family reads beyond its limit. */
export const OTHER_VALUE = 'other'

/** How many cells one series of `family` takes. */
export function cellCount(family: Family): number {
  return family.kind === 'histogram' ? (family.buckets ?? []).length + 2 : 1
}

/** The values of `labels` in the family's order. Throws a `TypeError` unless they are exactly the family's. */
export function labelValuesOf(family: Family, labels: Labels): string[] {
  const names = Object.keys(labels)
  if (names.length !== family.labels.length || names.some((name) => !family.labels.includes(name)))
    throw new TypeError(`${family.name} has the labels [${family.labels}], not [${names}]`)
  return family.labels.map((name) => String(labels[name]))
}

/** Whether a series with these values carries all of `labels`. */
export function carries(family: Family, values: readonly string[], labels: Labels): boolean {
  return Object.entries(labels).every(
    ([name, value]) => values[family.labels.indexOf(name)] === value,
  )
}

/** Names one series; no label value can imitate another's. */
export function seriesKey(name: string, values: readonly string[]): string {
  return JSON.stringify([name, ...values])
}

/**
 * Keeps the values of a limited label few: a new one beyond `limit.most` becomes `other`. One for a thread, so
 * that its cells stay bounded, and one for the process, where the threads' values meet.
 */
export class ValueLimits {
  readonly #known = new Map<string, Set<string>>()

  /** The values as they may be counted. */
  admit(family: Family, values: readonly string[]): readonly string[] {
    const { limit } = family
    if (limit === undefined) return values
    const { group, at, value } = this.#place(family, limit, values)
    const known = this.#known.get(group) ?? new Set()
    this.#known.set(group, known)
    if (known.has(value) || value === OTHER_VALUE) return values
    if (known.size >= limit.most) return values.with(at, OTHER_VALUE)
    known.add(value)
    return values
  }

  /** Makes room: no series has this value any more. */
  release(family: Family, values: readonly string[]): void {
    const { limit } = family
    if (limit === undefined) return
    const { group, value } = this.#place(family, limit, values)
    const known = this.#known.get(group)
    known?.delete(value)
    if (known?.size === 0) this.#known.delete(group)
  }

  #place(family: Family, limit: NonNullable<Family['limit']>, values: readonly string[]) {
    const at = family.labels.indexOf(limit.label)
    const per = limit.per.map((name) => values[family.labels.indexOf(name)] ?? '')
    return { group: seriesKey(family.name, per), at, value: values[at] ?? '' }
  }
}
