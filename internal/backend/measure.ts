import type { GatewayError } from '../errors.ts'
import { withoutUser } from '../pipe/host-user.ts'
import type { Decorator, Pipe } from '../pipe/pipe.ts'
import type { Counter, Meters } from '../telemetry/metrics.ts'

/** How a call ended, as `gateway_backend_requests_total` counts it. */
export type Outcome =
  | 'success'
  | 'incomplete'
  | 'status'
  | 'connect'
  | 'timeout'
  | 'canceled'
  | 'error'

const OUTCOMES: Partial<Record<GatewayError['code'], Outcome>> = {
  'status-code': 'status',
  connect: 'connect',
  timeout: 'timeout',
  canceled: 'canceled',
}

/** Cells are kept by host and outcome; hosts come and go, so they are asked for as they are met. */
export type BackendMeter = {
  readonly decorate: Decorator<Pipe>
  /** A host is gone: its series leave the scrapes some time from now. */
  forget(host: string): void
}

/** Counts a backend's calls and their time. */
export function backendMeter(meters: Meters, endpoint: string, backend: string): BackendMeter {
  const duration = meters.histogram('gateway_backend_duration_seconds', { endpoint, backend })
  const hosts = new Map<string, Map<Outcome, Counter>>()
  const counterOf = (host: string, outcome: Outcome): Counter => {
    let outcomes = hosts.get(host)
    if (outcomes === undefined) {
      outcomes = new Map()
      hosts.set(host, outcomes)
    }
    let counter = outcomes.get(outcome)
    if (counter === undefined) {
      counter = meters.counter('gateway_backend_requests_total', {
        endpoint,
        backend,
        host: withoutUser(host),
        outcome,
      })
      outcomes.set(outcome, counter)
    }
    return counter
  }
  // With one host that is well the maps stay untouched, and their memory cold.
  let last: Counter | undefined
  let lastHost = ''
  let lastOutcome: Outcome = 'success'
  const count = (host: string, outcome: Outcome): void => {
    if (last === undefined || outcome !== lastOutcome || host !== lastHost) {
      last = counterOf(host, outcome)
      lastHost = host
      lastOutcome = outcome
    }
    last.add(1)
  }
  return {
    decorate: (next) =>
      function measureBackend(request, deadline) {
        const startMs = performance.now()
        return next(request, deadline).then(
          (response) => {
            duration.observe((performance.now() - startMs) / 1000)
            count(request.host, response.isComplete ? 'success' : 'incomplete')
            return response
          },
          (error) => {
            duration.observe((performance.now() - startMs) / 1000)
            count(request.host, OUTCOMES[(error as GatewayError).code] ?? 'error')
            throw error
          },
        )
      },
    forget(host) {
      if (host === lastHost) last = undefined
      if (hosts.delete(host))
        meters.remove('gateway_backend_requests_total', { endpoint, backend, host })
    },
  }
}
