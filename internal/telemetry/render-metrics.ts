import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Family } from './metrics.ts'
import { cellTotal, type HubSeries, type MetricsHub } from './metrics-hub.ts'

/** Takes a piece of the text; a promise holds the next one back (a slow reader). */
export type Write = (text: string) => Promise<void> | void

/** What a scrape shows, and how it is spelled. */
export type MetricsLook = {
  shows(family: Family): boolean
  name(family: Family): string
  /** The labels of a series, escaped, without braces. */
  labels(series: HubSeries): string
  number(value: number): string
}

/** After this long the main thread looks at everything else before it goes on: scrapes are patient. */
const SLICE_MS = 1
/** How many series are printed between two looks at the clock; about 20 us of work. */
const SERIES_PER_LOOK = 8

/** The gateway's own families but the plain ones. */
const OWN_LOOK: MetricsLook = {
  shows: ({ isPlain, view }) => isPlain !== true && view === undefined,
  name: ({ name }) => name,
  labels: ({ family, values }) =>
    family.labels.map((name, at) => `${name}="${escapeLabel(values[at] ?? '')}"`).join(','),
  number: String,
}

/**
 * Prints families in Prometheus's text format, in slices: however many series there are, nothing else waits
 * longer than about `SLICE_MS`.
 */
export async function renderMetrics(
  hub: MetricsHub,
  write: Write,
  look: MetricsLook = OWN_LOOK,
): Promise<void> {
  let text = ''
  let sliceStartMs = performance.now()
  for (const { family, series } of hub.families()) {
    if (series.size === 0 || !look.shows(family)) continue
    const name = look.name(family)
    text += `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${family.kind}\n`
    let untilLook = SERIES_PER_LOOK
    for (const each of series.values()) {
      text += seriesText(each, look)
      if (--untilLook > 0) continue
      untilLook = SERIES_PER_LOOK
      if (performance.now() - sliceStartMs < SLICE_MS) continue
      await write(text)
      text = ''
      await nextTurn()
      sliceStartMs = performance.now()
    }
  }
  if (text !== '') await write(text)
}

/** The lines of one series. */
function seriesText(series: HubSeries, look: MetricsLook): string {
  const labels = look.labels(series)
  if (series.family.kind === 'histogram') return histogramText(series, labels, look)
  return `${look.name(series.family)}${braced(labels)} ${look.number(cellTotal(series, 0))}\n`
}

function histogramText(series: HubSeries, labels: string, look: MetricsLook): string {
  const { number } = look
  const { buckets = [] } = series.family
  const name = look.name(series.family)
  const start = `${name}_bucket{${labels === '' ? '' : `${labels},`}le="`
  let text = ''
  let count = 0
  for (let bucket = 0; bucket <= buckets.length; bucket++) {
    count += cellTotal(series, bucket)
    const bound = buckets[bucket]
    text += `${start}${bound === undefined ? '+Inf' : number(bound)}"} ${number(count)}\n`
  }
  const sum = number(cellTotal(series, buckets.length + 1))
  return `${text}${name}_sum${braced(labels)} ${sum}\n${name}_count${braced(labels)} ${number(count)}\n`
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`)

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }
/** https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
export function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => ESCAPES[character] ?? character).toWellFormed()
}
function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => ESCAPES[character] ?? character)
}
