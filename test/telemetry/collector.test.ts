import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { stateFolder } from '../servers/table.ts'
import { type HttpServer, startHttpServer } from '../support/http-server.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'

const otel = serverOrSkip('otel')
const GRPC_PORT = 9320
const HTTP_PORT = 9321
const GRPC_TLS_PORT = 9322
const HTTP_TLS_PORT = 9323
const ARRIVAL_LIMIT_MS = 10_000

type KeyValue = {
  key: string
  value: { stringValue?: string; intValue?: string; boolValue?: boolean }
}
type Span = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes: KeyValue[]
}
type Traces = {
  resourceSpans: {
    resource: { attributes: KeyValue[] }
    scopeSpans: { scope: { name: string }; spans: Span[] }[]
  }[]
}
type Metric = {
  name: string
  histogram?: { dataPoints: { count: string; explicitBounds: number[]; attributes: KeyValue[] }[] }
  sum?: { isMonotonic: boolean; dataPoints: { asInt?: string; attributes: KeyValue[] }[] }
}
type Metrics = {
  resourceMetrics: { resource: { attributes: KeyValue[] }; scopeMetrics: { metrics: Metric[] }[] }[]
}

/** What the collector wrote of one kind so far, one object a line. */
async function collected<T>(kind: 'traces' | 'metrics'): Promise<T[]> {
  const file = path.join(stateFolder(), 'data/otel', `${kind}.json`)
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as T)
}

const inTls = (file: string) => path.join(stateFolder(), 'tls', file)

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; waitedMs < ARRIVAL_LIMIT_MS; waitedMs += 100) {
    const found = await ask()
    if (found !== undefined) return found
    await wait(100)
  }
  throw new Error('it never came')
}

const serviceOf = (attributes: KeyValue[]) =>
  attributes.find(({ key }) => key === 'service.name')?.value.stringValue

const spansOf = async (service: string) =>
  (await collected<Traces>('traces'))
    .flatMap(({ resourceSpans }) => resourceSpans)
    .filter(({ resource }) => serviceOf(resource.attributes) === service)
    .flatMap(({ scopeSpans }) => scopeSpans)

describe('the real OpenTelemetry collector', { skip: otel.skip }, () => {
  let upstream: HttpServer
  before(async () => {
    await otel.start()
    upstream = await startHttpServer((_request, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.end('{"ok":true}')
    })
  })
  after(async () => {
    await upstream.close()
    await otel.stop()
  })

  for (const [protocol, exporter] of [
    ['gRPC', { host: '127.0.0.1', port: GRPC_PORT }],
    ['HTTP', { host: '127.0.0.1', port: HTTP_PORT, use_http: true }],
    ['gRPC with TLS', { host: 'https://127.0.0.1', port: GRPC_TLS_PORT }],
    ['HTTP with TLS', { host: 'https://127.0.0.1', port: HTTP_TLS_PORT, use_http: true }],
  ] as const)
    it(`takes spans and metrics over ${protocol}, from several threads, before the gateway ends`, async () => {
      const service = `shop-${protocol}`
      const [ca, cert, key] = ['ca.crt', 'client.crt', 'client.key'].map(inTls)
      assert.ok(ca && cert && key)
      await using gateway = await startGateway(
        {
          extra_config: {
            'telemetry/opentelemetry': {
              service_name: service,
              exporters: { otlp: [{ name: 'collector', ...exporter }] },
            },
          },
          endpoints: [
            {
              endpoint: '/users/{id}',
              backend: [{ host: [upstream.url], url_pattern: '/u/{id}' }],
            },
          ],
        },
        {
          workers: 2,
          env: {
            OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
            OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
            OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
          },
        },
      )
      const requests = 20
      for (let id = 0; id < requests; id++) {
        const reply = await fetch(`${gateway.url}/users/${id}`)
        assert.equal(reply.status, 200)
        await reply.arrayBuffer()
      }
      assert.equal(await gateway.stop(), 0)

      const scopes = await until(async () => {
        const found = await spansOf(service)
        return found.flatMap(({ spans }) => spans).length >= requests * 5 ? found : undefined
      })
      assert.ok(scopes.every(({ scope }) => scope.name === 'io.krakend.krakend-otel'))
      const spans = scopes.flatMap(({ spans }) => spans)
      assert.equal(spans.length, requests * 5)
      assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length)
      checkOneTrace(spans, '/users/7')

      const metrics = await until(async () => {
        const reports = await collected<Metrics>('metrics')
        const own = reports
          .flatMap(({ resourceMetrics }) => resourceMetrics)
          .filter(({ resource }) => serviceOf(resource.attributes) === service)
        return own.at(-1)?.scopeMetrics.flatMap((scope) => scope.metrics)
      })
      const served = metrics.find(({ name }) => name === 'http.server.duration')
      const [point] = served?.histogram?.dataPoints ?? []
      assert.equal(point?.count, String(requests))
      assert.equal(point?.explicitBounds.length, 20)
      assert.deepEqual(
        point?.attributes.find(({ key }) => key === 'http.response.status_code')?.value,
        { intValue: '200' },
      )
      const started = metrics.find(({ name }) => name === 'http.client.request.started.count')
      assert.equal(started?.sum?.isMonotonic, true)
      assert.equal(started?.sum?.dataPoints[0]?.asInt, String(requests))
    })
})

/** The request's span, and each of its four below the one before. */
function checkOneTrace(spans: readonly Span[], name: string): void {
  const stage = ({ attributes }: Span) =>
    attributes.find(({ key }) => key === 'krakend.stage')?.value.stringValue
  const first = spans.find((span) => span.name === name)
  assert.ok(first !== undefined)
  assert.equal(first.parentSpanId ?? '', '')
  const trace = spans.filter(({ traceId }) => traceId === first.traceId)
  assert.equal(trace.length, 5)
  let parent = first
  for (const expected of ['proxy', 'backend', 'backend-request', 'backend-request']) {
    const child = trace.find(({ parentSpanId }) => parentSpanId === parent.spanId)
    assert.ok(child !== undefined, `nothing below ${parent.name}`)
    assert.equal(stage(child), expected)
    parent = child
  }
  assert.equal(parent.name, 'http.client.response.read.tracker')
}
