import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServiceConfig } from '../../../config/types.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { backendLayerOf, duplicateExporter, otelConfig, proxyLayerOf } from './config.ts'

const NAMESPACE = 'telemetry/opentelemetry'
const service = (config: JsonObject, name = '') =>
  ({ name, extraConfig: { [NAMESPACE]: config } }) as unknown as ServiceConfig
const configOf = (config: JsonObject, name?: string) => {
  const found = otelConfig(service(config, name))
  assert.ok(found !== undefined)
  return found
}
const attribute = (key: string, value: string) => ({ key, value })

describe('telemetry/opentelemetry, as configured', () => {
  it('is nothing when it is absent', () =>
    assert.equal(otelConfig({ name: '', extraConfig: {} } as unknown as ServiceConfig), undefined))

  it('names the service by its own key, the document, or KrakenD', () => {
    assert.equal(configOf({ service_name: 'shop' }, 'doc').serviceName, 'shop')
    assert.equal(configOf({}, 'doc').serviceName, 'doc')
    assert.equal(configOf({}).serviceName, 'KrakenD')
  })

  it("is off, with the reason in KrakenD's words, when two exporters share a name", () => {
    const one = { name: 'a', port: 1 }
    const both = { exporters: { otlp: [{ name: 'a', host: 'x' }], prometheus: [one] } }
    assert.equal(duplicateExporter(both), 'prometheus with duplicate name: a (at idx 0)')
    assert.equal(otelConfig(service(both)), undefined)
    const twice = { exporters: { otlp: [one, one] } }
    assert.equal(duplicateExporter(twice), 'OTLP exporter with duplicate name: a (at idx 1)')
  })

  it('measures everything of backends that say nothing, and only what is asked for otherwise', () => {
    const { metrics, traces } = configOf({ layers: { backend: { metrics: {} } } }).backend
    assert.deepEqual(
      [metrics.hasStage, metrics.roundTrip, metrics.readPayload, metrics.detailedConnection],
      [true, false, false, false],
    )
    assert.deepEqual(
      [traces.hasStage, traces.roundTrip, traces.readPayload, traces.detailedConnection],
      [true, true, true, true],
    )
  })

  it('lets endpoints and backends replace their layer as a whole', () => {
    const config = configOf({
      layers: {
        proxy: { disable_traces: true },
        backend: { metrics: { static_attributes: [attribute('a', 'b')] } },
      },
    })
    const own = {
      [NAMESPACE]: {
        proxy: { metrics_static_attributes: [attribute('team', 'core'), attribute('', 'x')] },
        backend: { traces: { disable_stage: true } },
      },
    }
    assert.deepEqual(proxyLayerOf(config, own).metricAttributes, ['team', 'core'])
    assert.equal(proxyLayerOf(config, own).hasTraces, true)
    assert.equal(proxyLayerOf(config, {}), config.proxy)
    assert.deepEqual(backendLayerOf(config, own).metrics.attributes, [])
    assert.equal(backendLayerOf(config, own).metrics.roundTrip, true)
    assert.equal(backendLayerOf(config, own).traces.hasStage, false)
  })

  it('knows where collectors are', () => {
    const originOf = (exporter: JsonObject) =>
      configOf({ exporters: { otlp: [{ name: 'c', ...exporter }] } }).otlp[0]?.origin
    assert.equal(originOf({ host: 'collector' }), 'http://collector:4317')
    assert.equal(originOf({ host: 'collector', use_http: true }), 'http://collector:4318')
    assert.equal(originOf({ host: 'https://otel.test', port: 443 }), 'https://otel.test:443')
    assert.equal(originOf({ host: '::1', port: 9 }), 'http://[::1]:9')
    assert.equal(originOf({ host: '[::1]', port: 9 }), 'http://[::1]:9')
    assert.equal(originOf({ host: '' }), 'http://localhost:4317')
    assert.equal(originOf({ host: 'collector', port: 0 }), 'http://collector:4317')
    assert.equal(originOf({ host: 'dns:///collector' }), 'http://collector:4317')
    assert.equal(originOf({ host: 'https://otel.test/', port: 443 }), 'https://otel.test:443')
  })

  it('stops the start with the place of a collector whose address is none', () => {
    const refused = (exporter: JsonObject, pattern: RegExp) =>
      assert.throws(
        () => configOf({ exporters: { otlp: [{ name: 'c' }, { name: 'd', ...exporter }] } }),
        (error) => error instanceof ConfigError && pattern.test(error.message),
        JSON.stringify(exporter),
      )
    const host = /^extra_config\."telemetry\/opentelemetry"\.exporters\.otlp\[1\]\.host: is no host/
    for (const wrong of [
      'http://',
      'not a host',
      'a:4318',
      'http://a:4318',
      'grpc://a',
      '1.2.3.400',
    ])
      refused({ host: wrong }, host)
    refused({ host: 'http://user:secret@a' }, /^(?!.*secret).*\.host: is no host/)
    for (const port of [70_000, -1])
      refused({ host: 'a', port }, /\.exporters\.otlp\[1\]\.port: -?\d+ is no port/)
    refused({ host: 'a', port: '4317' }, /\.otlp\[1\]\.port: a value of another type/)
    refused({ host: 5 }, /\.otlp\[1\]\.host: a value of another type/)
    assert.throws(
      () => configOf({ exporters: { prometheus: [{ name: 'p', port: 70_000 }] } }),
      /\.exporters\.prometheus\[0\]\.port: 70000 is no port/,
    )
  })

  it('has traces only where an exporter takes them', () => {
    const prometheus = [{ name: 'p', port: 1 }]
    assert.equal(configOf({ exporters: { prometheus } }).hasTraces, false)
    const otlp = [{ name: 'o', host: 'x', disable_metrics: true }]
    const { hasTraces, hasMetrics } = configOf({ exporters: { otlp } })
    assert.deepEqual([hasTraces, hasMetrics], [true, false])
  })
})
