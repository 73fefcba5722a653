import { exportQueue } from '../../../telemetry/otlp/export-queue.ts'
import { metricItems } from '../../../telemetry/otlp/metric-items.ts'
import { exportRequest } from '../../../telemetry/otlp/resource.ts'
import type { Signal } from '../../../telemetry/otlp/sender.ts'
import type { MainScope } from '../../main-service.ts'
import { collectorSender } from './collector-sender.ts'
import type { OtelConfig } from './config.ts'
import type { OtlpExporter } from './exporters.ts'

/** What goes to one collector. */
export type Collector = {
  takeSpans(spans: Buffer, count: number): void
  /** Sends the last of everything, for a moment. */
  close(): Promise<void>
}

/** How long the end of the process waits for a collector. */
const LAST_MS = 3000

/** Sends spans as they come and metrics each period to one collector. */
export function collector(exporter: OtlpExporter, config: OtelConfig, scope: MainScope): Collector {
  const { log, metrics } = scope
  const dropped = metrics.meters.counter('gateway_spans_dropped_total')
  const headers = headersFromEnvironment(process.env, scope.secret)
  const sender = collectorSender(exporter, process.env, headers)
  const queue = exportQueue({
    sender,
    onDropped: (signal, items) => {
      if (signal === 'traces') dropped.add(items)
    },
    onTrouble: (problem) => {
      if (problem === undefined)
        log.info(
          `[SERVICE: OpenTelemetry] ${exporter.name} (${exporter.origin}) takes exports again`,
        )
      else log.error(`[SERVICE: OpenTelemetry] ${exporter.name} (${exporter.origin}):`, problem)
    },
  })
  const startMs = scope.now()
  const reportMetrics = async () => {
    const items = await metricItems(metrics, { startMs, nowMs: scope.now() })
    // Totals: the next report says what a lost one did.
    if (items.length > 0) queue.push('metrics', exportRequest(config, [items]), 0)
  }
  const timer = exporter.takesMetrics
    ? setInterval(() => void reportMetrics(), exporter.periodMs).unref()
    : undefined
  return {
    takeSpans(spans, count) {
      if (exporter.takesTraces) queue.push('traces', exportRequest(config, [spans]), count)
    },
    async close() {
      clearInterval(timer)
      if (exporter.takesMetrics) await reportMetrics()
      await queue.drain(LAST_MS)
      queue.close()
    },
  }
}

/**
 * `OTEL_EXPORTER_OTLP_HEADERS` and its kin for one signal (`key=value,key=value`, values percent-encoded): how
 * collectors that want credentials get them. The values never reach a log.
 */
export function headersFromEnvironment(
  env: NodeJS.ProcessEnv,
  secret: (value: string) => void,
): (signal: Signal) => Readonly<Record<string, string>> {
  const all = headerPairs(env['OTEL_EXPORTER_OTLP_HEADERS'])
  const headers = {
    traces: Object.fromEntries([...all, ...headerPairs(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'])]),
    metrics: Object.fromEntries([
      ...all,
      ...headerPairs(env['OTEL_EXPORTER_OTLP_METRICS_HEADERS']),
    ]),
  }
  for (const values of Object.values(headers))
    for (const value of Object.values(values)) secret(value)
  return (signal) => headers[signal]
}

function headerPairs(text = ''): [string, string][] {
  return text.split(',').flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim().toLowerCase()
    if (equals < 1 || !/^[a-z0-9_.-]+$/.test(name)) return []
    try {
      const value = decodeURIComponent(pair.slice(equals + 1).trim())
      return /[\r\n\0]/.test(value) ? [] : [[name, value]]
    } catch {
      // Not percent-encoded: left out, as Go's exporters do.
      return []
    }
  })
}
