import type { Registry } from 'prom-client'
import { goDouble } from '../../../pipe/go-double.ts'
import { attributesOf } from '../../../telemetry/instruments.ts'
import type { HubSeries, MetricsHub } from '../../../telemetry/metrics-hub.ts'
import { type Resource, resourceAttributes, SCOPE_NAME } from '../../../telemetry/otlp/resource.ts'
import {
  escapeLabel,
  type MetricsLook,
  renderMetrics,
  type Write,
} from '../../../telemetry/render-metrics.ts'
import type { PrometheusExporter } from './exporters.ts'

export const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

const SCOPE_LABELS: readonly [string, string][] = [
  ['otel_scope_name', SCOPE_NAME],
  ['otel_scope_version', ''],
]

/** Writes what OpenTelemetry's Prometheus exporter would: families by name, each series with its scope, then the target. */
export function prometheusPage(
  hub: MetricsHub,
  exporter: PrometheusExporter,
  resource: Resource,
): (write: Write) => Promise<void> {
  const look: MetricsLook = {
    shows: ({ view }) => exporter.takesMetrics && view === 'opentelemetry',
    name: ({ name }) => name,
    labels: labelTexts(),
    number: goDouble,
  }
  const ownMetrics = processMetrics(exporter)
  const scope = gauge('otel_scope_info', 'Instrumentation Scope metadata', SCOPE_LABELS)
  const target = gauge('target_info', 'Target metadata', pairs(resourceAttributes(resource)))
  return async (write) => {
    let hasSeries = false
    await renderMetrics(
      hub,
      (text) => {
        hasSeries = true
        return write(text)
      },
      look,
    )
    await write(await ownMetrics())
    // A scope that counted nothing is not there.
    if (hasSeries) await write(scope)
    if (exporter.takesMetrics) await write(target)
  }
}

/** The labels of a series never change: their text is made once. */
function labelTexts(): (series: HubSeries) => string {
  const texts = new WeakMap<HubSeries, string>()
  return (series) => {
    let text = texts.get(series)
    if (text === undefined) {
      text = labelText([...attributesOf(series.values), ...SCOPE_LABELS])
      texts.set(series, text)
    }
    return text
  }
}

type Pair = readonly [name: string, value: string | number | boolean]

/** Sorted; names that are the same once they are spelled for Prometheus share one label. */
function labelText(attributes: readonly Pair[]): string {
  const labels = new Map<string, string>()
  for (const [name, value] of attributes) {
    const label = labelName(name)
    const known = labels.get(label)
    labels.set(label, known === undefined ? String(value) : `${known};${value}`)
  }
  return [...labels]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')
}

const labelName = (name: string): string => {
  const spelled = name.replace(/[^a-zA-Z0-9_]/g, '_')
  return /^[0-9]/.test(spelled) ? `key_${spelled}` : spelled
}

const pairs = (list: readonly unknown[]): Pair[] =>
  Array.from({ length: list.length / 2 }, (_none, at) => [
    String(list[at * 2]),
    String(list[at * 2 + 1]),
  ])

const gauge = (name: string, help: string, labels: readonly Pair[]): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name}{${labelText(labels)}} 1\n`

/** `process_metrics`, and for `go_metrics` what Node knows of itself; prom-client is loaded when first scraped. */
function processMetrics(exporter: PrometheusExporter): () => Promise<string> {
  const prefixes = [
    ...(exporter.processMetrics ? ['process_'] : []),
    ...(exporter.runtimeMetrics ? ['nodejs_'] : []),
  ]
  if (prefixes.length === 0) return async () => ''
  let registry: Promise<Registry> | undefined
  return async () => {
    registry ??= defaultMetrics(prefixes)
    const own = (await (await registry).metrics()).replaceAll('\n\n', '\n').trimEnd()
    return `${exporter.runtimeMetrics ? goMetrics() : ''}${own}\n`
  }
}

async function defaultMetrics(prefixes: readonly string[]): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray())
    if (!prefixes.some((prefix) => name.startsWith(prefix))) registry.removeSingleMetric(name)
  return registry
}

/** Go's names for what Node has too, so that panels for them stay filled. */
function goMetrics(): string {
  const { rss, heapTotal, heapUsed } = process.memoryUsage()
  return [
    plainGauge('go_memstats_alloc_bytes', "Bytes in use on the main thread's heap.", heapUsed),
    plainGauge('go_memstats_heap_inuse_bytes', 'As go_memstats_alloc_bytes.', heapUsed),
    plainGauge(
      'go_memstats_heap_idle_bytes',
      "Bytes of the main thread's heap that are free.",
      heapTotal - heapUsed,
    ),
    plainGauge('go_memstats_sys_bytes', 'Bytes that the process has from the system.', rss),
  ].join('')
}

const plainGauge = (name: string, help: string, value: number): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${goDouble(value)}\n`
