import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServiceConfig } from '../../../config/types.ts'
import { GatewayError } from '../../../errors.ts'
import { DeadlineWheel } from '../../../pipe/deadline.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { cellTotal, metricsHub } from '../../../telemetry/metrics-hub.ts'
import type { Span, SpanEnd } from '../../../telemetry/otlp/span-recorder.ts'
import { threadMeters } from '../../../telemetry/thread-meters.ts'
import { clientLayer } from './client-layer.ts'
import { backendLayerOf, NAMESPACE, otelConfig } from './config.ts'
import { propagation } from './propagation.ts'
import { tracer } from './tracer.ts'

const DIAL_MS = { dnsMs: 5000, tlsMs: 20_000 }
const CALL = {
  method: 'GET',
  origin: 'https://up.test:8443',
  path: '/u/1',
  headers: [],
  body: undefined,
}

/** What one call that opened a connection leaves behind; it fails when `isBroken`. */
async function observed(backend: JsonObject, isBroken = false) {
  const hub = metricsHub()
  const meters = threadMeters({ post: (message) => hub.receive(1, message) })
  const service = {
    name: '',
    extraConfig: { [NAMESPACE]: { exporters: {}, layers: { backend } } },
  } as unknown as ServiceConfig
  const config = otelConfig(service)
  assert.ok(config !== undefined)
  const ended: SpanEnd[] = []
  const recorder = { record: (_span: Span, end: SpanEnd) => ended.push(end), flush: async () => {} }
  const layer = clientLayer({
    telemetry: {
      config,
      meters,
      tracer: tracer({ sampleRate: 1, recorder, random: Math.random }),
      propagation: propagation(undefined),
      skips: () => false,
    },
    layer: backendLayerOf(config, {}),
    pattern: '/u/:id',
    attributes: ['http.route', '/u/:id'],
  })
  const deadline = new DeadlineWheel().start(performance.now())
  const send = layer?.(async (call) => {
    call.onDial?.(DIAL_MS)
    if (isBroken) throw new GatewayError('connect', { message: 'no handshake' })
    call.onConnected?.()
    const body = { start() {}, resume() {}, destroy() {} }
    return { status: 200, header: () => '2', headerList: () => [], body }
  })
  await send?.(CALL, deadline).catch(() => {})
  deadline.finish()
  meters.flush()
  const sums = [...hub.families()]
    .filter(({ family }) => family.kind === 'histogram')
    .flatMap(({ family, series }) =>
      [...series.values()].map(
        (each) => [family.name, cellTotal(each, (family.buckets?.length ?? 0) + 1)] as const,
      ),
    )
  return { sums: Object.fromEntries(sums), spans: ended }
}
const on = { round_trip: true, detailed_connection: true }

describe('calls to upstreams', () => {
  it('are told with the time that name and handshake took, in metrics and spans', async () => {
    const { sums, spans } = await observed({ metrics: on, traces: on })
    assert.equal(sums['http_client_request_dns_duration'], 5)
    assert.equal(sums['http_client_request_tls_duration'], 20)
    assert.ok((sums['http_client_request_get_conn_duration'] ?? 0) > 0)
    const attributes = spans[0]?.attributes ?? []
    const after = (name: string) => attributes[attributes.indexOf(name) + 1]
    assert.deepEqual(after('dns-duration'), { double: 5 })
    assert.deepEqual(after('tls-duration'), { double: 20 })
    assert.deepEqual(
      spans[0]?.events?.map(({ name }) => name),
      ['first-byte-time'],
    )
  })
  it('that never had a connection count what there was of it, as in KrakenD', async () => {
    const { sums, spans } = await observed({ metrics: on, traces: on }, true)
    assert.equal(sums['http_client_request_dns_duration'], 5)
    assert.equal(sums['http_client_request_tls_duration'], 20)
    assert.equal(sums['http_client_request_get_conn_duration'], 0)
    assert.ok(!(spans[0]?.attributes ?? []).includes('dns-duration'))
  })
  it('say nothing of connections without detailed_connection', async () => {
    const bare = { round_trip: true }
    const { sums, spans } = await observed({ metrics: bare, traces: bare })
    assert.deepEqual(
      Object.keys(sums).filter((name) => /_(dns|tls|get_conn)_/.test(name)),
      [],
    )
    assert.ok(!(spans[0]?.attributes ?? []).includes('dns-duration'))
    assert.deepEqual(spans[0]?.events, [])
  })
})
