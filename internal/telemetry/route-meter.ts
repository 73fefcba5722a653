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
  const byStatus: (Counter | undefined)[] = []
  return {
    record(status, durationMs) {
      let counter = byStatus[status]
      if (counter === undefined) {
        counter = meters.counter('gateway_requests_total', {
          endpoint,
          method,
          status: String(status),
        })
        byStatus[status] = counter
      }
      counter.add(1)
      duration.observe(durationMs / 1000)
    },
  }
}
