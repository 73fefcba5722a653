import { routeOf } from '../../pipe/inner-names.ts'
import type { Attributes } from '../../telemetry/request-note.ts'
import type {
  BackendFeature,
  BackendPlace,
  CallFeature,
  EndpointPlace,
  HandlerFeature,
  PipeFeature,
  Scope,
  ServiceFeature,
} from '../feature.ts'
import { clientLayer } from './opentelemetry/client-layer.ts'
import {
  backendLayerOf,
  globalAttributesOf,
  NAMESPACE,
  proxyLayerOf,
} from './opentelemetry/config.ts'
import { globalLayer, observesRequests } from './opentelemetry/global-layer.ts'
import { patternOf } from './opentelemetry/route-names.ts'
import { serverMeter } from './opentelemetry/server-meter.ts'
import { stage } from './opentelemetry/stage.ts'
import { telemetryOf } from './opentelemetry/telemetry.ts'

/**
 * `telemetry/opentelemetry`: KrakenD's metrics and spans under their names, at four layers. All of them are switched
 * on by the service's configuration; endpoints and backends may replace theirs.
 */
export const openTelemetryOfService: ServiceFeature = {
  namespace: NAMESPACE,
  prepare(_config, { service }, scope) {
    const telemetry = telemetryOf(scope, service)
    if (telemetry === undefined) return undefined
    const { unknown } = telemetry.propagation
    if (unknown.length > 0)
      scope.log.warning(
        `[SERVICE: OpenTelemetry] OTEL_PROPAGATORS: ${unknown.join(', ')} is not known and left out; known: tracecontext, baggage, b3, b3multi, none`,
      )
    return globalLayer(telemetry)
  },
}

/** Tells the outermost layer which endpoint a request met. */
export const openTelemetryOfEndpoint: HandlerFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare(_config, { service, endpoint }, scope) {
    const telemetry = telemetryOf(scope, service)
    if (telemetry === undefined || !observesRequests(telemetry)) return undefined
    const { config, meters } = telemetry
    const route = routeOf(endpoint.endpoint)
    const own = globalAttributesOf(endpoint.extraConfig)
    const attributes: Attributes = own.traces
    const note = {
      route,
      isSkipped: telemetry.skips(route, endpoint.endpoint),
      count: serverMeter(meters, config.global, route, own.metrics),
      attributes,
    }
    return (next) =>
      function nameEndpoint(request, deadline) {
        if (deadline.note !== undefined) deadline.note.endpoint = note
        return next(request, deadline)
      }
  },
}

type Watched = Pick<EndpointPlace, 'service' | 'endpoint'>

/** `undefined` where nobody looks at what the endpoint does. */
function watching({ service, endpoint }: Watched, scope: Scope) {
  const telemetry = telemetryOf(scope, service)
  const isSkipped = telemetry?.skips(routeOf(endpoint.endpoint), endpoint.endpoint)
  return isSkipped === true ? undefined : telemetry
}

/** The proxy part of an endpoint. */
export const openTelemetryOfProxy: PipeFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare(_config, { service, endpoint }, scope) {
    const telemetry = watching({ service, endpoint }, scope)
    if (telemetry === undefined) return undefined
    const route = routeOf(endpoint.endpoint)
    const layer = proxyLayerOf(telemetry.config, endpoint.extraConfig)
    return stage({
      name: 'proxy',
      pattern: route,
      attributes: ['http.request.method', endpoint.method, 'http.route', route],
      meters: layer.hasMetrics ? telemetry.meters : undefined,
      metricAttributes: layer.metricAttributes,
      tracer: layer.hasTraces ? telemetry.tracer : undefined,
      traceAttributes: layer.traceAttributes,
      headers: layer.headers,
    })
  },
}

/** One backend, from its features to its part of the answer. */
export const openTelemetryOfBackend: BackendFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare(_config, place, scope) {
    const { backend } = place
    const telemetry = watching(place, scope)
    if (telemetry === undefined) return undefined
    const { metrics, traces } = backendLayerOf(telemetry.config, backend.extraConfig)
    return stage({
      name: 'backend',
      pattern: patternOf(backend.urlPattern),
      attributes: backendAttributes(place),
      meters: metrics.hasStage ? telemetry.meters : undefined,
      metricAttributes: metrics.attributes,
      tracer: traces.hasStage ? telemetry.tracer : undefined,
      traceAttributes: traces.attributes,
      headers: traces.headers,
    })
  },
}

/** Each exchange with an upstream. */
export const openTelemetryOfCall: CallFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare(_config, place, scope) {
    const { backend } = place
    const telemetry = watching(place, scope)
    if (telemetry === undefined) return undefined
    return clientLayer({
      telemetry,
      layer: backendLayerOf(telemetry.config, backend.extraConfig),
      pattern: patternOf(backend.urlPattern),
      attributes: backendAttributes(place),
    })
  },
}

const backendAttributes = ({ endpoint, backend }: BackendPlace): readonly string[] => [
  ...['http.request.method', backend.method, 'http.route', patternOf(backend.urlPattern)],
  ...['krakend.endpoint.route', routeOf(endpoint.endpoint)],
  ...['krakend.endpoint.method', endpoint.method],
]
