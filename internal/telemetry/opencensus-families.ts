import type { Family } from './metrics.ts'

/** OpenCensus's default distributions: bytes, and milliseconds. */
const BYTES = [
  1024,
  2048,
  4096,
  ...[16_384, 65_536, 262_144, 2 ** 20, 2 ** 22, 2 ** 24, 2 ** 26, 2 ** 28, 2 ** 30, 2 ** 32],
]
const MILLISECONDS = [
  ...[1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 250, 300],
  ...[400, 500, 650, 800, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
]

const row = (name: string, help: string, buckets?: readonly number[]): Family => ({
  name: `opencensus_io_http_${name}`,
  kind: buckets === undefined ? 'counter' : 'histogram',
  help,
  labels: ['attributes'],
  view: 'opencensus',
  ...(buckets !== undefined && { buckets }),
})

/** What `telemetry/opencensus` shows to Prometheus, under the names of OpenCensus's views. */
export const OPENCENSUS_FAMILIES: readonly Family[] = [
  row('client_completed_count', 'Count of completed requests, by HTTP method and response status'),
  row(
    'client_received_bytes',
    'Total bytes received in response bodies (not including headers but including error responses with bodies), by HTTP method and response status',
    BYTES,
  ),
  row(
    'client_roundtrip_latency',
    'End-to-end latency, by HTTP method and response status',
    MILLISECONDS,
  ),
  row(
    'client_sent_bytes',
    'Total bytes sent in request body (not including headers), by HTTP method and response status',
    BYTES,
  ),
  row('server_latency', 'Latency distribution of HTTP requests', MILLISECONDS),
  row('server_request_bytes', 'Size distribution of HTTP request body', BYTES),
  row('server_request_count', 'Count of HTTP requests started'),
  row('server_request_count_by_method', 'Server request count by HTTP method'),
  row('server_response_bytes', 'Size distribution of HTTP response body', BYTES),
  row('server_response_count_by_status_code', 'Server response count by status code'),
]
