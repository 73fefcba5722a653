import type { Family } from './metrics.ts'

/** Eight steps to a doubling: a quantile read from them is within five percent. */
const STEPS = 8
/** From 1 byte to a gigabyte, and from a microsecond to a minute and a half in nanoseconds. */
const SIZE_DOUBLINGS = 30
const TIME_START = 1000
const TIME_DOUBLINGS = 27

const rising = (start: number, doublings: number): number[] =>
  Array.from({ length: doublings * STEPS + 1 }, (_none, at) => start * 2 ** (at / STEPS))
const SIZES = [0, ...rising(1, SIZE_DOUBLINGS)]
const TIMES = rising(TIME_START, TIME_DOUBLINGS)

const row = (
  name: string,
  kind: Family['kind'],
  labels: readonly string[],
  buckets?: readonly number[],
): Family => ({
  name,
  kind,
  help: '',
  labels,
  view: 'stats',
  ...(buckets !== undefined && { buckets }),
})

/** What `telemetry/metrics` counts. Times are nanoseconds, sizes bytes. */
export const STATS_FAMILIES: readonly Family[] = [
  row('stats_connected', 'counter', []),
  row('stats_disconnected', 'counter', []),
  row('stats_tls', 'counter', ['version', 'cipher']),
  row('stats_response_status', 'counter', ['endpoint', 'status']),
  row('stats_response_size', 'histogram', ['endpoint'], SIZES),
  row('stats_response_time', 'histogram', ['endpoint'], TIMES),
  row('stats_requests', 'counter', ['layer', 'name', 'complete', 'error']),
  row('stats_latency', 'histogram', ['layer', 'name', 'complete', 'error'], TIMES),
]
