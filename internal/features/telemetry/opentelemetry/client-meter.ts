import type { Call, UpstreamReply } from '../../../client/client.ts'
import type { DialTimes } from '../../../client/dial-times.ts'
import { bodySize } from '../../../pipe/body-size.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import { withoutUser } from '../../../pipe/host-user.ts'
import { attributeLabels, type SeriesAttributes } from '../../../telemetry/instruments.ts'
import type { Counter, Histogram, Meters } from '../../../telemetry/metrics.ts'
import { replySize } from './reply-size.ts'

/** Counts calls to upstreams, each hop of a redirect as one. */
export type ClientMeter = (
  call: Call,
  deadline: Deadline,
  timing: CallTiming,
  reply: UpstreamReply | undefined,
) => void
export type CallTiming = {
  readonly startMs: number
  /** A connection was found; `startMs` when nobody asked. */
  connectedMs: number
  /** Of the connection that was opened for the call; `undefined` where a kept one served. */
  dial: DialTimes | undefined
  /** The answer's headers came, or the failure did. */
  endMs: number
}
export type ClientMeterOptions = {
  readonly meters: Meters
  readonly convention: '' | '1.27'
  /** Route, endpoint and static attributes. */
  readonly fixed: SeriesAttributes
  /** The backend's pattern. */
  readonly clientName: string
  readonly detailedConnection: boolean
}

/** Hosts of a backend beyond this are counted together. */
const MOST_HOSTS = 200
const OTHER_HOST = 'other'
/** What KrakenD reports for hosts with a port, whatever it is; without one it reports 0. */
const PORT_GIVEN = 80

/** The cells of one host and status. */
type Cells = {
  readonly started: Counter | undefined
  readonly requestSize: Counter | undefined
  readonly requestSizes: Histogram | undefined
  readonly duration: Histogram
  /** Made when first needed: most series never are. */
  responseSize: Histogram | undefined
  noLength: Counter | undefined
  readonly details: readonly [getConn: Histogram, dns: Histogram, tls: Histogram] | undefined
  readonly labels: ReturnType<typeof attributeLabels>
}

export function clientMeter(options: ClientMeterOptions): ClientMeter {
  const { meters, convention, detailedConnection } = options
  const isNew = convention === '1.27'
  const hasCounts = !isNew || detailedConnection
  const seconds = isNew ? '_seconds' : ''
  const hosts = new Map<string, (Cells | undefined)[]>()
  const responseSizeName = isNew
    ? 'http_client_response_body_size_bytes'
    : 'http_client_response_size'
  const noLengthName = isNew
    ? 'http_client_response_no_content_length_bytes_total'
    : 'http_client_response_no_content_length_total'

  function newCells(call: Call, host: string, status: number): Cells {
    const labels = attributeLabels({
      ...options.fixed,
      clientname: options.clientName,
      'http.request.method': call.method,
      'server.address': host,
      'server.port': /:\d+$/.test(call.origin) ? PORT_GIVEN : 0,
      'http.response.status_code': status,
    })
    const histogram = (name: string) => meters.histogram(name, labels)
    const details = (): Cells['details'] => [
      histogram(`http_client_request_get_conn_duration${seconds}`),
      histogram(`http_client_request_dns_duration${seconds}`),
      histogram(`http_client_request_tls_duration${seconds}`),
    ]
    return {
      started: hasCounts
        ? meters.counter('http_client_request_started_count_total', labels)
        : undefined,
      requestSize: isNew ? undefined : meters.counter('http_client_request_size_total', labels),
      requestSizes: isNew ? histogram('http_client_request_body_size_bytes') : undefined,
      duration: histogram(isNew ? 'http_client_request_duration_seconds' : 'http_client_duration'),
      responseSize: undefined,
      noLength: undefined,
      details: detailedConnection ? details() : undefined,
      labels,
    }
  }
  function cellsOf(call: Call, status: number): Cells {
    const key = `${call.method} ${call.origin}`
    let byStatus = hosts.get(key)
    const host =
      byStatus === undefined && hosts.size >= MOST_HOSTS ? OTHER_HOST : hostOf(call.origin)
    const known = host === OTHER_HOST ? OTHER_HOST : key
    byStatus ??= hosts.get(known) ?? []
    hosts.set(known, byStatus)
    let cells = byStatus[status]
    if (cells === undefined) {
      cells = newCells(call, host, status)
      byStatus[status] = cells
    }
    return cells
  }
  function countFailure(cells: Cells, deadline: Deadline): void {
    if (!hasCounts) return
    const count = (name: string) =>
      meters.counter(`http_client_request_${name}_count_total`, cells.labels).add(1)
    const reason = deadline.reason?.code
    if (reason === 'canceled') return count('canceled')
    if (reason === 'timeout') count('timedout')
    count('failed')
  }
  function countSize(cells: Cells, call: Call, reply: UpstreamReply): void {
    if (call.method === 'HEAD') return
    const size = replySize(reply)
    if (size !== undefined) {
      cells.responseSize ??= meters.histogram(responseSizeName, cells.labels)
      cells.responseSize.observe(size)
    } else if (hasCounts) {
      cells.noLength ??= meters.counter(noLengthName, cells.labels)
      cells.noLength.add(1)
    }
  }

  return function countCall(call, deadline, timing, reply) {
    const cells = cellsOf(call, reply?.status ?? 0)
    cells.started?.add(1)
    // A body of unknown length counts as a call without bytes, as in KrakenD.
    const size = bodySize(call.body) ?? 0
    cells.requestSize?.add(size)
    cells.requestSizes?.observe(size)
    cells.duration.observe((timing.endMs - timing.startMs) / 1000)
    if (reply === undefined) countFailure(cells, deadline)
    else countSize(cells, call, reply)
    if (cells.details === undefined) return
    cells.details[0].observe((timing.connectedMs - timing.startMs) / 1000)
    cells.details[1].observe((timing.dial?.dnsMs ?? 0) / 1000)
    cells.details[2].observe((timing.dial?.tlsMs ?? 0) / 1000)
  }
}

/** `http://[::1]:80` → `::1`. */
const hostOf = (origin: string): string =>
  withoutUser(origin)
    .replace(/^https?:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
