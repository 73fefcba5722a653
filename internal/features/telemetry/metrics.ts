import type { Deadline } from '../../pipe/deadline.ts'
import { routeOf, templateOf } from '../../pipe/inner-names.ts'
import type { Decorator, Pipe } from '../../pipe/pipe.ts'
import type { TlsSession } from '../../pipe/tls-session.ts'
import type { Counter, Histogram, Meters } from '../../telemetry/metrics.ts'
import type { BackendFeature, HandlerFeature, PipeFeature } from '../feature.ts'
import { NAMESPACE, statsConfig } from './metrics/config.ts'
import type { Layer } from './metrics/names.ts'

const NS_PER_MS = 1e6

/** `telemetry/metrics`, the router's part: requests that endpoints take, and what they answer. */
export const statsOfRouter: HandlerFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare(_config, { service, endpoint }, { meters }) {
    if (statsConfig(service)?.hasRouter !== true) return undefined
    const name = routeOf(endpoint.endpoint)
    const connected = meters.counter('stats_connected')
    const countTls = tlsMeter(meters)
    const replied = repliedMeter(meters, name)
    return (next) =>
      function countRequest(request, deadline: Deadline) {
        connected.add(1)
        if (request.tls !== undefined) countTls(request.tls)
        deadline.whenReplied(replied)
        return next(request, deadline)
      }
  },
}

/** Counts by what handshakes agreed on: few kinds, whoever connects. */
function tlsMeter(meters: Meters): (session: TlsSession) => void {
  const kinds = new Map<string, Counter>()
  return function countTls({ version, cipher }) {
    const kind = `${version} ${cipher}`
    let counter = kinds.get(kind)
    if (counter === undefined) {
      counter = meters.counter('stats_tls', { version, cipher })
      kinds.set(kind, counter)
    }
    counter.add(1)
  }
}

function repliedMeter(meters: Meters, endpoint: string) {
  const disconnected = meters.counter('stats_disconnected')
  const size = meters.histogram('stats_response_size', { endpoint })
  const time = meters.histogram('stats_response_time', { endpoint })
  const byStatus: (Counter | undefined)[] = []
  return (status: number, bytes: number, tookMs: number): void => {
    let counter = byStatus[status]
    if (counter === undefined) {
      counter = meters.counter('stats_response_status', { endpoint, status: String(status) })
      byStatus[status] = counter
    }
    counter.add(1)
    size.observe(bytes)
    time.observe(tookMs * NS_PER_MS)
    disconnected.add(1)
  }
}

/** The proxy part of an endpoint. */
export const statsOfProxy: PipeFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare: (_config, { service, endpoint }, { meters }) =>
    statsConfig(service)?.hasProxy === true
      ? layerMeter(meters, { layer: 'pipe', name: routeOf(endpoint.endpoint) })
      : undefined,
}

/** One backend. */
export const statsOfBackend: BackendFeature = {
  namespace: NAMESPACE,
  isOfService: true,
  prepare: (_config, { service, backend }, { meters }) =>
    statsConfig(service)?.hasBackend === true
      ? layerMeter(meters, { layer: 'backend', name: templateOf(backend.urlPattern) })
      : undefined,
}

type Cells = { readonly requests: Counter; readonly latency: Histogram }

/** Counts a layer's outcomes and their time. */
function layerMeter(meters: Meters, { layer, name }: Layer): Decorator<Pipe> {
  const cells: (Cells | undefined)[] = []
  const count = (startMs: number, isComplete: boolean, isError: boolean): void => {
    const at = (isComplete ? 1 : 0) + (isError ? 2 : 0)
    let found = cells[at]
    if (found === undefined) {
      const labels = { layer, name, complete: String(isComplete), error: String(isError) }
      found = {
        requests: meters.counter('stats_requests', labels),
        latency: meters.histogram('stats_latency', labels),
      }
      cells[at] = found
    }
    found.requests.add(1)
    found.latency.observe((performance.now() - startMs) * NS_PER_MS)
  }
  return (next) =>
    function measureLayer(request, deadline) {
      const startMs = performance.now()
      return next(request, deadline).then(
        (response) => {
          count(startMs, response.isComplete, response.errors.length > 0)
          return response
        },
        (thrown) => {
          count(startMs, false, true)
          throw thrown
        },
      )
    }
}
