import { bodySize } from '../../pipe/body-size.ts'
import { withoutUser } from '../../pipe/host-user.ts'
import { attributeLabels } from '../../telemetry/instruments.ts'
import { type Meters, methodLabel } from '../../telemetry/metrics.ts'
import type { CallFeature, HandlerFeature, ServiceFeature } from '../feature.ts'
import { bounded, byStatus } from './opencensus/cells.ts'
import { NAMESPACE, type OpenCensusConfig, openCensusConfig } from './opencensus/config.ts'
import { ObservedReply } from './opentelemetry/observed-reply.ts'

const PREFIX = 'opencensus_io_http_'
/** `http_path` of requests that no endpoint answers. */
const NO_ROUTE = 'noroute'
/** What OpenCensus says of a call that got no answer. */
const FAILED_STATUS = 500

/** `telemetry/opencensus`: requests, by the tags that are asked for. */
export const openCensusOfService: ServiceFeature = {
  namespace: NAMESPACE,
  prepare(_config, { service }, { meters }) {
    const config = openCensusConfig(service)
    if (config === undefined || !config.hasRouter) return undefined
    const count = serverMeter(config, meters)
    return (next) =>
      function countRequest(request, deadline) {
        deadline.note ??= { endpoint: undefined, pattern: undefined }
        const { note } = deadline
        const size = bodySize(request.body) ?? 0
        deadline.whenReplied((status, bytes, tookMs) =>
          count(request.host, request.method, note.pattern ?? NO_ROUTE, {
            status,
            size,
            bytes,
            tookMs,
          }),
        )
        return next(request, deadline)
      }
  },
}

/** Tells the layer around the router which endpoint a request met. */
export const openCensusOfEndpoint: HandlerFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare(_config, { service, endpoint }) {
    if (openCensusConfig(service)?.hasRouter !== true) return undefined
    return (next) =>
      function namePath(request, deadline) {
        if (deadline.note !== undefined) deadline.note.pattern = endpoint.endpoint
        return next(request, deadline)
      }
  },
}

/** Calls to upstreams. */
export const openCensusOfCall: CallFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare(_config, { service, backend }, { meters }) {
    const config = openCensusConfig(service)
    if (config === undefined || !config.hasBackend) return undefined
    const count = clientMeter(config, meters, backend.urlPattern)
    return (next) =>
      function countCall(call, deadline) {
        const startMs = performance.now()
        const sent = bodySize(call.body) ?? 0
        const end = (status: number, received: number) =>
          count(call.origin, call.method, { status, sent, received, startMs })
        return next(call, deadline).then(
          (reply) => new ObservedReply(reply, (_startMs, bytes) => end(reply.status, bytes)),
          (thrown) => {
            end(FAILED_STATUS, 0)
            throw thrown
          },
        )
      }
  },
}

type Served = { status: number; size: number; bytes: number; tookMs: number }

function serverMeter(config: OpenCensusConfig, meters: Meters) {
  const cellsOf = (host: string, path: string, method: string, status: number) => {
    const tags = (name: '' | 'method' | 'status', code: string) =>
      attributeLabels({
        ...(config.tagsHost && { http_host: host }),
        ...(config.tagsPath && { http_path: path }),
        ...((config.tagsMethod || name === 'method') && { http_method: method }),
        ...((config.tagsStatus || name === 'status') && { http_status: code }),
      })
    const code = String(status)
    return {
      latency: meters.histogram(`${PREFIX}server_latency`, tags('', code)),
      requestBytes: meters.histogram(`${PREFIX}server_request_bytes`, tags('', code)),
      responseBytes: meters.histogram(`${PREFIX}server_response_bytes`, tags('', code)),
      // Counted before there is a status: the tag is empty.
      requests: meters.counter(`${PREFIX}server_request_count`, tags('', '')),
      byMethod: meters.counter(`${PREFIX}server_request_count_by_method`, tags('method', '')),
      byCode: meters.counter(`${PREFIX}server_response_count_by_status_code`, tags('status', code)),
    }
  }
  const paths = bounded((path) =>
    bounded((method) =>
      // Clients name any host: beyond the bound they are one.
      bounded((host) => byStatus((status) => cellsOf(host, path, method, status))),
    ),
  )
  return (host: string, method: string, path: string, served: Served): void => {
    const cells = paths(path)(methodLabel(method))(config.tagsHost ? host : '')(served.status)
    cells.requests.add(1)
    cells.byMethod.add(1)
    cells.byCode.add(1)
    cells.latency.observe(served.tookMs)
    cells.requestBytes.observe(served.size)
    cells.responseBytes.observe(served.bytes)
  }
}

type Called = { status: number; sent: number; received: number; startMs: number }

function clientMeter(config: OpenCensusConfig, meters: Meters, path: string) {
  const cellsOf = (host: string, method: string, status: number) => {
    const labels = attributeLabels({
      ...(config.tagsHost && { http_client_host: host }),
      ...(config.tagsPath && { http_client_path: path }),
      http_client_method: method,
      http_client_status: String(status),
    })
    return {
      completed: meters.counter(`${PREFIX}client_completed_count`, labels),
      received: meters.histogram(`${PREFIX}client_received_bytes`, labels),
      latency: meters.histogram(`${PREFIX}client_roundtrip_latency`, labels),
      sent: meters.histogram(`${PREFIX}client_sent_bytes`, labels),
    }
  }
  const origins = bounded((origin) =>
    bounded((method) =>
      byStatus((status) =>
        cellsOf(withoutUser(origin).replace(/^https?:\/\//, ''), method, status),
      ),
    ),
  )
  return (origin: string, method: string, { status, sent, received, startMs }: Called): void => {
    const cells = origins(config.tagsHost ? origin : '')(method)(status)
    cells.completed.add(1)
    cells.received.observe(received)
    cells.sent.observe(sent)
    cells.latency.observe(performance.now() - startMs)
  }
}
