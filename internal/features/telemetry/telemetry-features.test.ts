import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../pipe/pipe.ts'
import { metricsHub } from '../../telemetry/metrics-hub.ts'
import { type BackendPlace, decoratorsFor, type HandlerPlace, type Scope } from '../feature.ts'
import { statsOfBackend, statsOfProxy, statsOfRouter } from './metrics.ts'
import { openCensusOfCall, openCensusOfEndpoint, openCensusOfService } from './opencensus.ts'
import {
  openTelemetryOfBackend,
  openTelemetryOfCall,
  openTelemetryOfEndpoint,
  openTelemetryOfProxy,
  openTelemetryOfService,
} from './opentelemetry.ts'

const OTEL = 'telemetry/opentelemetry'

/** How many decorators each list adds for a service with this `extra_config`. */
function counts(extraConfig: JsonObject, own: JsonObject = {}, ownBackend: JsonObject = {}) {
  const hub = metricsHub()
  const scope = {
    meters: hub.meters,
    now: Date.now,
    random: Math.random,
    onClose: () => {},
    ask: async () => null,
    log: { warning: () => {} },
  } as unknown as Scope
  const backend = { urlPattern: '/b/{id}', method: 'GET', extraConfig: ownBackend, index: 0 }
  const endpoint = {
    endpoint: '/a/{id}',
    method: 'GET',
    backends: [backend],
    extraConfig: own,
    index: 0,
  }
  const place = {
    service: { name: '', extraConfig, endpoints: [endpoint] },
    endpoint,
    backend,
    tokenRejecters: [],
  } as unknown as BackendPlace & HandlerPlace
  return [
    decoratorsFor([openTelemetryOfService, openCensusOfService], extraConfig, place, scope),
    decoratorsFor(
      [openTelemetryOfEndpoint, openCensusOfEndpoint, statsOfRouter],
      own,
      place,
      scope,
    ),
    decoratorsFor([openTelemetryOfProxy, statsOfProxy], own, place, scope),
    decoratorsFor([openTelemetryOfBackend, statsOfBackend], ownBackend, place, scope),
    decoratorsFor([openTelemetryOfCall, openCensusOfCall], ownBackend, place, scope),
  ].map(({ length }) => length)
}
const exporters = { prometheus: [{ name: 'p', port: 1 }] }
const otlp = { otlp: [{ name: 'o', host: 'x', disable_metrics: true }] }

describe('telemetry', () => {
  it('that is not configured adds no decorator', () =>
    assert.deepEqual(counts({}), [0, 0, 0, 0, 0]))
  it("of an endpoint means nothing without the service's", () =>
    assert.deepEqual(
      counts({}, { [OTEL]: { proxy: {} } }, { [OTEL]: { backend: {} } }),
      [0, 0, 0, 0, 0],
    ))
  it('with OpenTelemetry wraps all five places', () =>
    assert.deepEqual(counts({ [OTEL]: { exporters } }), [1, 1, 1, 1, 1]))
  it('without exporters measures nothing', () =>
    assert.deepEqual(counts({ [OTEL]: {} }), [0, 0, 0, 0, 0]))
  it('adds nothing to skipped endpoints but the note that they are', () =>
    assert.deepEqual(counts({ [OTEL]: { exporters, skip_paths: ['/a/{id}'] } }), [1, 1, 0, 0, 0]))
  it('leaves out layers that are disabled', () => {
    const layers = {
      global: { disable_metrics: true, disable_traces: true, disable_propagation: true },
      proxy: { disable_metrics: true, disable_traces: true },
      backend: { metrics: { disable_stage: true }, traces: { disable_stage: true } },
    }
    assert.deepEqual(counts({ [OTEL]: { exporters: otlp, layers } }), [0, 0, 0, 0, 0])
  })
  it('lets a backend switch itself on and off', () => {
    const off = { metrics: { disable_stage: true }, traces: { disable_stage: true } }
    assert.deepEqual(
      counts({ [OTEL]: { exporters } }, {}, { [OTEL]: { backend: off } }),
      [1, 1, 1, 0, 0],
    )
  })
  it('with telemetry/metrics counts endpoints, proxy parts and backends, each unless disabled', () => {
    const name = 'telemetry/metrics'
    assert.deepEqual(counts({ [name]: {} }), [0, 1, 1, 1, 0])
    assert.deepEqual(
      counts({ [name]: { router_disabled: true, proxy_disabled: true, backend_disabled: true } }),
      [0, 0, 0, 0, 0],
    )
  })
  it('with OpenCensus counts requests and calls when there is a Prometheus exporter', () => {
    const name = 'telemetry/opencensus'
    assert.deepEqual(
      counts({ [name]: { exporters: { prometheus: { port: 1 } } } }),
      [1, 1, 0, 0, 1],
    )
    assert.deepEqual(counts({ [name]: { exporters: { jaeger: {} } } }), [0, 0, 0, 0, 0])
  })
})
