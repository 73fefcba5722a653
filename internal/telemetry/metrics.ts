/** Numbers that one thread counts and the main thread reads. Plain writes: each cell has one writer. */
export type Counter = { add(amount: number): void }
export type Gauge = { set(value: number): void; add(amount: number): void }
export type Histogram = { observe(value: number): void }
export type Labels = Readonly<Record<string, string>>

/** Gives out cells. Asking twice for the same name and labels gives the same cell; never asked per request. */
export type Meters = {
  counter(name: string, labels?: Labels): Counter
  gauge(name: string, labels?: Labels): Gauge
  histogram(name: string, labels?: Labels): Histogram
  /**
   * Takes the series of a thing that is gone (a host) out of the scrapes ten minutes from now, unless one of
   * them is asked for before. `labels` may name only some labels: all series that carry them go.
   */
  remove(name: string, labels: Labels): void
}

/** A group of series under one name, as Prometheus sees it. */
export type Family = {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram's buckets, rising, without +Inf. */
  readonly buckets?: readonly number[]
  /** At most `most` values of `label` for one set of values of `per`; further ones are counted as `other`. */
  readonly limit?: {
    readonly label: string
    readonly per: readonly string[]
    readonly most: number
  }
  /** Few series, set by the main thread, shown through prom-client's registry. */
  readonly isPlain?: true
  /** Shown elsewhere than by the admin listener: by the exporters of that namespace. */
  readonly view?: 'opentelemetry' | 'stats' | 'opencensus'
}

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** A backend's hosts beyond this are counted together. */
const HOSTS_PER_BACKEND = 200

/** The gateway's own families. To add one: one row here, then ask `Meters` for it by name. */
export const FAMILIES = [
  {
    name: 'gateway_requests_total',
    kind: 'counter',
    help: 'Requests answered, by endpoint pattern, method and status.',
    labels: ['endpoint', 'method', 'status'],
  },
  {
    name: 'gateway_request_duration_seconds',
    kind: 'histogram',
    help: 'Time from the request line to the end of the reply.',
    labels: ['endpoint', 'method'],
    buckets: REQUEST_SECONDS,
  },
  {
    name: 'gateway_requests_in_flight',
    kind: 'gauge',
    help: 'Requests that are being answered now.',
    labels: [],
  },
  {
    name: 'gateway_response_bytes_total',
    kind: 'counter',
    help: 'Bytes of reply bodies sent to clients.',
    labels: [],
  },
  {
    name: 'gateway_connections',
    kind: 'gauge',
    help: 'Open connections from clients.',
    labels: [],
  },
  {
    name: 'gateway_backend_requests_total',
    kind: 'counter',
    help: 'Calls to upstream hosts, by how they ended.',
    labels: ['endpoint', 'backend', 'host', 'outcome'],
    limit: { label: 'host', per: ['endpoint', 'backend'], most: HOSTS_PER_BACKEND },
  },
  {
    name: 'gateway_backend_duration_seconds',
    kind: 'histogram',
    help: 'Time from the call to an upstream to its whole answer.',
    labels: ['endpoint', 'backend'],
    buckets: REQUEST_SECONDS,
  },
  {
    name: 'gateway_discovery_hosts',
    kind: 'gauge',
    help: 'Hosts of a discovered service or a watched list, by state: up, held, ejected, down.',
    labels: ['name', 'state'],
  },
  {
    name: 'gateway_discovery_age_seconds',
    kind: 'gauge',
    help: 'Time since the registry last gave a usable answer.',
    labels: ['name'],
  },
  {
    name: 'gateway_discovery_refreshes_total',
    kind: 'counter',
    help: 'Look-ups of a service, by result.',
    labels: ['name', 'result'],
  },
  {
    name: 'gateway_discovery_changes_total',
    kind: 'counter',
    help: 'Changes of the host list of a service.',
    labels: ['name'],
  },
  {
    name: 'gateway_discovery_refresh_seconds',
    kind: 'histogram',
    help: 'How long look-ups of a service took.',
    labels: ['name'],
    buckets: REQUEST_SECONDS,
  },
  {
    name: 'gateway_discovery_guard_holds_total',
    kind: 'counter',
    help: 'Answers held back because they would have removed many hosts at once.',
    labels: ['name'],
  },
  {
    name: 'gateway_discovery_ejections_total',
    kind: 'counter',
    help: 'Hosts taken out of a list for a while because they failed.',
    labels: ['name'],
  },
  {
    name: 'gateway_backend_retries_total',
    kind: 'counter',
    help: 'Calls made again, by why.',
    labels: ['endpoint', 'backend', 'reason'],
  },
  {
    name: 'gateway_log_lines_dropped_total',
    kind: 'counter',
    help: 'Log lines lost because nobody read the output fast enough.',
    labels: [],
  },
  {
    name: 'gateway_spans_dropped_total',
    kind: 'counter',
    help: 'Spans lost because collectors did not take them fast enough.',
    labels: [],
  },
  {
    name: 'gateway_config_info',
    kind: 'gauge',
    help: 'The configuration in use: always 1.',
    labels: ['file', 'sha256'],
    isPlain: true,
  },
  {
    name: 'gateway_config_load_seconds',
    kind: 'gauge',
    help: 'How long the configuration in use took to load.',
    labels: [],
    isPlain: true,
  },
  {
    name: 'gateway_build_info',
    kind: 'gauge',
    help: 'The program that runs: always 1.',
    labels: ['version', 'node'],
    isPlain: true,
  },
] as const satisfies readonly Family[]

/** The endpoint label of requests that no endpoint matches. */
export const UNMATCHED_ENDPOINT = 'unmatched'
/** The method label of methods that are not `METHODS`. */
export const OTHER_METHOD = '_OTHER'
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
])

/** `method` as a label: clients invent names, so only the nine of RFC 9110 and RFC 5789 stand for themselves. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : OTHER_METHOD
}
