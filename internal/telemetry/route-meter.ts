import type { Counter, Histogram, Meters } from './metrics.ts'

/** The numbers of one endpoint and method. */
export type RouteMeter = {
  /** Counts one finished request. */
  record(status: number, durationMs: number): void
}

/** Cells of `gateway_requests_total` and `gateway_request_duration_seconds` for one endpoint; statuses as they come. */
export function routeMeter(meters: Meters, endpoint: string, method: string): RouteMeter {
  const duration: Histogram = meters.histogram('gateway_request_duration_seconds', {
    endpoint,
    method,
  })
  const byStatus = new Map<number, Counter>()
  const counterOf = (status: number): Counter => {
    const known = byStatus.get(status)
    if (known !== undefined) return known
    const counter = meters.counter('gateway_requests_total', {
      endpoint,
      method,
      status: String(status),
    })
    byStatus.set(status, counter)
    return counter
  }
  // An endpoint has one status nearly always: the map stays untouched, and its memory cold.
  let lastStatus = 0
  let last: Counter | undefined
  return {
    record(status, durationMs) {
      if (last === undefined || status !== lastStatus) {
        last = counterOf(status)
        lastStatus = status
      }
      last.add(1)
      duration.observe(durationMs / 1000)
    },
  }
}
