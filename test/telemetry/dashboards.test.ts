import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { startHttpServer } from '../support/http-server.ts'
import { startGateway } from '../support/start-gateway.ts'

/**
 * What the panels of KrakenD's published Grafana dashboard for Prometheus ask for
 * (https://github.com/krakend/telemetry-dashboards, grafana/krakend/for-prometheus.json), with the labels that they
 * select and group by. Left out: Go's own numbers that Node has nothing like, and `http_client_request_read_size_hist`,
 * which no KrakenD exports.
 */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  http_server_duration_bucket: [
    'http_route',
    'http_request_method',
    'http_response_status_code',
    'le',
  ],
  http_server_duration_count: ['http_route', 'http_request_method'],
  http_server_duration_sum: ['http_route', 'http_request_method'],
  http_server_response_size_bucket: ['http_route', 'le'],
  http_server_response_size_count: ['http_route'],
  http_server_response_size_sum: ['http_route'],
  krakend_proxy_duration_bucket: ['http_route', 'http_request_method', 'le'],
  krakend_proxy_duration_count: ['http_route'],
  krakend_proxy_duration_sum: ['http_route', 'http_request_method'],
  krakend_backend_duration_bucket: [
    'http_route',
    'krakend_endpoint_route',
    'http_request_method',
    'le',
  ],
  krakend_backend_duration_count: ['http_route', 'krakend_endpoint_route'],
  krakend_backend_duration_sum: ['http_route', 'krakend_endpoint_route'],
  http_client_duration_bucket: ['krakend_endpoint_route', 'http_route', 'server_address', 'le'],
  http_client_duration_count: ['krakend_endpoint_route', 'http_response_status_code'],
  http_client_duration_sum: ['krakend_endpoint_route', 'server_address'],
  http_client_response_size_bucket: ['krakend_endpoint_route', 'le'],
  http_client_response_size_count: ['krakend_endpoint_route'],
  http_client_response_size_sum: ['krakend_endpoint_route'],
  http_client_response_no_content_length_total: ['krakend_endpoint_route'],
  http_client_request_started_count_total: [
    'krakend_endpoint_route',
    'server_address',
    'http_route',
  ],
  http_client_request_failed_count_total: ['krakend_endpoint_route'],
  http_client_request_timedout_count_total: ['krakend_endpoint_route'],
  http_client_request_canceled_count_total: ['krakend_endpoint_route'],
  http_client_request_get_conn_duration_bucket: ['krakend_endpoint_route', 'le'],
  http_client_request_get_conn_duration_count: ['krakend_endpoint_route'],
  http_client_request_get_conn_duration_sum: ['krakend_endpoint_route'],
  http_client_request_dns_duration_bucket: ['krakend_endpoint_route', 'le'],
  http_client_request_dns_duration_count: ['krakend_endpoint_route'],
  http_client_request_dns_duration_sum: ['krakend_endpoint_route'],
  http_client_request_tls_duration_bucket: ['krakend_endpoint_route', 'le'],
  http_client_request_tls_duration_count: ['krakend_endpoint_route'],
  http_client_request_tls_duration_sum: ['krakend_endpoint_route'],
  go_memstats_alloc_bytes: [],
  go_memstats_sys_bytes: [],
  go_memstats_heap_inuse_bytes: [],
  go_memstats_heap_idle_bytes: [],
}

describe("KrakenD's Grafana dashboard", () => {
  it('finds every series and label that its panels ask for', async () => {
    await using upstream = await startHttpServer((request, response) => {
      if (request.url === '/slow') return
      if (request.url === '/known') response.setHeader('Content-Length', 2)
      else response.write('')
      response.end('{}')
    })
    const metricsPort = await freePort()
    const backend = (host: string, url_pattern: string) => [{ host: [host], url_pattern }]
    await using gateway = await startGateway({
      extra_config: {
        'telemetry/opentelemetry': {
          exporters: {
            prometheus: [
              {
                name: 'scrape',
                host: '127.0.0.1',
                port: metricsPort,
                process_metrics: true,
                go_metrics: true,
              },
            ],
          },
        },
      },
      endpoints: [
        { endpoint: '/known', backend: backend(upstream.url, '/known') },
        { endpoint: '/chunked', backend: backend(upstream.url, '/chunked') },
        { endpoint: '/away', backend: backend(`http://127.0.0.1:${await freePort()}`, '/') },
        { endpoint: '/late', timeout: '50ms', backend: backend(upstream.url, '/slow') },
        { endpoint: '/slow', timeout: '10s', backend: backend(upstream.url, '/slow') },
      ],
    })
    for (const path of ['/known', '/chunked', '/away', '/late'])
      await (await fetch(gateway.url + path)).arrayBuffer()
    await assert.rejects(fetch(`${gateway.url}/slow`, { signal: AbortSignal.timeout(200) }))

    const page = async () => {
      const reply = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
      return (await reply.text()).split('\n')
    }
    const missing = (lines: readonly string[]) =>
      Object.entries(ASKED).flatMap(([name, labels]) => {
        const line = lines.find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `))
        if (line === undefined) return [name]
        return labels
          .filter((label) => !line.includes(`${label}="`))
          .map((label) => `${name} ${label}`)
      })
    // The hung-up request counts when the gateway has noticed.
    let lacking = missing(await page())
    for (let tries = 0; lacking.length > 0 && tries < 50; tries++) lacking = missing(await page())
    assert.deepEqual(lacking, [])
  })
})
