import { type ExtraConfig, namespace, type ServiceConfig } from '../../../config/types.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { COMPATIBILITY_VERSION } from '../../../version.ts'
import { exportersOf, type OtlpExporter, type PrometheusExporter } from './exporters.ts'

export const NAMESPACE = 'telemetry/opentelemetry'
const AT = `extra_config."${NAMESPACE}".exporters`

/** `telemetry/opentelemetry` of the service with every default filled in. */
export type OtelConfig = {
  readonly serviceName: string
  readonly serviceVersion: string
  readonly deployEnv: string
  readonly sampleRate: number
  readonly skipPaths: ReadonlySet<string>
  readonly prometheus: readonly PrometheusExporter[]
  readonly otlp: readonly OtlpExporter[]
  /** Some exporter takes them. */
  readonly hasMetrics: boolean
  readonly hasTraces: boolean
  readonly global: GlobalLayer
  readonly proxy: Layer
  readonly backend: BackendLayer
}
/** Static attributes: name, value, name, value, ... */
export type StaticAttributes = readonly string[]
export type HeaderReport = {
  readonly isOn: boolean
  /** In small letters. */
  readonly skipped: ReadonlySet<string>
}
export type Layer = {
  readonly hasMetrics: boolean
  readonly hasTraces: boolean
  readonly headers: HeaderReport
  readonly metricAttributes: StaticAttributes
  readonly traceAttributes: StaticAttributes
}
export type GlobalLayer = Layer & {
  readonly hasPropagation: boolean
  readonly convention: '' | '1.27'
}
export type BackendSide = {
  readonly hasStage: boolean
  readonly roundTrip: boolean
  readonly readPayload: boolean
  readonly detailedConnection: boolean
  readonly attributes: StaticAttributes
}
export type BackendLayer = {
  readonly metrics: BackendSide
  readonly traces: BackendSide & { readonly headers: HeaderReport }
}

const DEFAULT_SERVICE = 'KrakenD'
const PERIOD_S = 30
const SKIPPED = ['/__health', '/__debug/', '/__echo/', '/__stats/']

/**
 * The service's configuration; `undefined` when there is none, or when two exporters share a name, which KrakenD
 * answers by doing without (`duplicateExporter` says so). Throws a `ConfigError` for an exporter without an address.
 */
export function otelConfig(service: ServiceConfig): OtelConfig | undefined {
  const config = namespace(service.extraConfig, NAMESPACE)
  if (config === undefined || duplicateExporter(config) !== undefined) return undefined
  const periodS = whole(config['metric_reporting_period']) ?? PERIOD_S
  const { prometheus, otlp } = exportersOf(object(config['exporters']), AT, periodS)
  const layers = object(config['layers'])
  const skipPaths = texts(config['skip_paths'])
  return {
    serviceName: text(config['service_name']) || service.name || DEFAULT_SERVICE,
    serviceVersion: text(config['service_version']) || COMPATIBILITY_VERSION,
    deployEnv: text(config['deploy_env']),
    sampleRate: typeof config['trace_sample_rate'] === 'number' ? config['trace_sample_rate'] : 1,
    skipPaths: new Set(skipPaths.length === 0 ? SKIPPED : skipPaths),
    prometheus,
    otlp,
    hasMetrics: [...prometheus, ...otlp].some(({ takesMetrics }) => takesMetrics),
    hasTraces: otlp.some(({ takesTraces }) => takesTraces),
    global: globalLayer(object(layers['global'])),
    proxy: layer(object(layers['proxy'])),
    backend: backendLayer(object(layers['backend'])),
  }
}

/** In KrakenD's words. */
export function duplicateExporter(config: JsonObject): string | undefined {
  const exporters = object(config['exporters'])
  const names = new Set<string>()
  for (const [key, words] of [
    ['otlp', 'OTLP exporter'],
    ['prometheus', 'prometheus'],
  ] as const)
    for (const [at, { name }] of objects(exporters[key]).entries()) {
      if (names.has(text(name))) return `${words} with duplicate name: ${text(name)} (at idx ${at})`
      names.add(text(name))
    }
  return undefined
}

/** The endpoint's own `proxy` in the place of the service's. */
export function proxyLayerOf(config: OtelConfig, extraConfig: ExtraConfig): Layer {
  const own = namespace(extraConfig, NAMESPACE)?.['proxy']
  return own === undefined ? config.proxy : layer(object(own))
}
/** What the endpoint's own `global` adds. */
export function globalAttributesOf(extraConfig: ExtraConfig) {
  const own = object(namespace(extraConfig, NAMESPACE)?.['global'])
  return {
    metrics: attributes(own['metrics_static_attributes']),
    traces: attributes(own['traces_static_attributes']),
  }
}
/** The backend's own `backend` in the place of the service's; a half of it that is not given has its defaults. */
export function backendLayerOf(config: OtelConfig, extraConfig: ExtraConfig): BackendLayer {
  const own = namespace(extraConfig, NAMESPACE)?.['backend']
  return own === undefined ? config.backend : backendLayer(object(own))
}

function layer(config: JsonObject): Layer {
  return {
    hasMetrics: config['disable_metrics'] !== true,
    hasTraces: config['disable_traces'] !== true,
    headers: headerReport(config),
    metricAttributes: attributes(config['metrics_static_attributes']),
    traceAttributes: attributes(config['traces_static_attributes']),
  }
}

function globalLayer(config: JsonObject): GlobalLayer {
  return {
    ...layer(config),
    hasPropagation: config['disable_propagation'] !== true,
    convention: config['semantic_convention'] === '1.27' ? '1.27' : '',
  }
}

/** A half that is not given has everything switched on; one that is given only what it asks for. */
function backendLayer(config: JsonObject): BackendLayer {
  const traces = object(config['traces'])
  return {
    metrics: backendSide(config['metrics']),
    traces: { ...backendSide(config['traces']), headers: headerReport(traces) },
  }
}

function backendSide(config: JsonValue | undefined): BackendSide {
  const given = object(config)
  const flag = (key: string) => config === undefined || given[key] === true
  return {
    hasStage: given['disable_stage'] !== true,
    roundTrip: flag('round_trip'),
    readPayload: flag('read_payload'),
    detailedConnection: flag('detailed_connection'),
    attributes: attributes(given['static_attributes']),
  }
}

const headerReport = (config: JsonObject): HeaderReport => ({
  isOn: config['report_headers'] === true,
  skipped: new Set(texts(config['skip_headers']).map((name) => name.toLowerCase())),
})

/** Pairs without a name or a value are left out. */
const attributes = (value: JsonValue | undefined): StaticAttributes =>
  objects(value).flatMap((pair) => {
    const name = text(pair['key'])
    const content = text(pair['value'])
    return name === '' || content === '' ? [] : [name, content]
  })

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
const whole = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' ? Math.trunc(value) : undefined
const texts = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
const object = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {})
const objects = (value: JsonValue | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : []
