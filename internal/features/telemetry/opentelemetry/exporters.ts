import { type Options, optionsOf } from '../../../config/options.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { collectorHost } from './collector-host.ts'

export type PrometheusExporter = {
  readonly name: string
  /** `''`: all addresses. */
  readonly host: string
  readonly port: number
  readonly processMetrics: boolean
  readonly runtimeMetrics: boolean
  readonly takesMetrics: boolean
}
export type OtlpExporter = {
  readonly name: string
  readonly origin: string
  readonly protocol: 'http' | 'grpc'
  readonly takesMetrics: boolean
  readonly takesTraces: boolean
  readonly periodMs: number
}

const PROMETHEUS_PORT = 9090
const PORTS = { http: 4318, grpc: 4317 } as const
const HIGHEST_PORT = 65_535

/** Where telemetry goes. Throws a `ConfigError` with the place of an address that is none. */
export function exportersOf(exporters: JsonObject, at: string, periodS: number) {
  const each = (key: string): Options[] =>
    [exporters[key]]
      .flat()
      .flatMap((one, index) => (isObject(one) ? [optionsOf(one, `${at}.${key}[${index}]`)] : []))
  return {
    prometheus: each('prometheus').map(prometheusExporter),
    otlp: each('otlp').map((options) => otlpExporter(options, periodS)),
  }
}

function prometheusExporter(options: Options): PrometheusExporter {
  return {
    name: options.text('name'),
    // KrakenD reads `host` only; `listen_ip` is what its manual says.
    host: options.text('host') || options.text('listen_ip'),
    port: portOf(options) || PROMETHEUS_PORT,
    processMetrics: options.flag('process_metrics'),
    runtimeMetrics: options.flag('go_metrics'),
    takesMetrics: !options.flag('disable_metrics'),
  }
}

function otlpExporter(options: Options, periodS: number): OtlpExporter {
  const protocol = options.flag('use_http') ? 'http' : 'grpc'
  const port = portOf(options) || PORTS[protocol]
  const custom = options.whole('custom_metric_reporting_period')
  return {
    name: options.text('name'),
    origin: `${collectorHost(options)}:${port}`,
    protocol,
    takesMetrics: !options.flag('disable_metrics'),
    takesTraces: !options.flag('disable_traces'),
    periodMs: (custom >= 1 ? custom : Math.max(periodS, 1)) * 1000,
  }
}

/** 0 when absent. */
function portOf(options: Options): number {
  const port = options.integer('port')
  if (port >= 0 && port <= HIGHEST_PORT) return port
  throw options.wrong('port', `${port} is no port`, `1 to ${HIGHEST_PORT}`)
}
