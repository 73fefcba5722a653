import type { Registry } from 'prom-client'
import type { Family } from './metrics.ts'
import { cellTotal, type HubSeries, type MetricsHub } from './metrics-hub.ts'

/** Prints the process's own numbers and the plain families. */
export type PlainMetrics = () => Promise<string>

/** Gauges whose names end like counters', which promtool objects to; the same numbers exist without `_total`. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** prom-client's part of a scrape. Loaded when first scraped: a gateway that nobody watches pays nothing. */
export function plainMetrics(hub: MetricsHub): PlainMetrics {
  let registry: Promise<Registry> | undefined
  return async () => {
    registry ??= plainRegistry(hub)
    return (await registry).metrics()
  }
}

async function plainRegistry(hub: MetricsHub): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  for (const { family, series } of hub.families()) {
    if (family.isPlain !== true) continue
    const gauge = new Gauge({
      name: family.name,
      help: family.help,
      labelNames: family.labels,
      registers: [registry],
      collect() {
        this.reset()
        for (const each of series.values()) gauge.set(labelsOf(family, each), cellTotal(each, 0))
      },
    })
  }
  return registry
}

function labelsOf(family: Family, { values }: HubSeries): Record<string, string> {
  return Object.fromEntries(family.labels.map((name, at) => [name, values[at] ?? '']))
}
