import type { Call, UpstreamReply } from '../../../client/client.ts'
import { bodySize } from '../../../pipe/body-size.ts'
import { headerValue } from '../../../pipe/headers.ts'
import { withoutUser } from '../../../pipe/host-user.ts'
import { SPAN_KIND, type Span, type SpanEvent } from '../../../telemetry/otlp/span-recorder.ts'
import type { Attributes } from '../../../telemetry/request-note.ts'
import type { CallTiming } from './client-meter.ts'
import type { BackendLayer } from './config.ts'
import { headerAttributes } from './header-attributes.ts'
import { replySize } from './reply-size.ts'
import type { Tracer } from './tracer.ts'

/** The spans of calls to upstreams. */
export type ClientTraces = {
  readonly readsPayload: boolean
  end(span: Span, call: Call, timing: CallTiming, reply: UpstreamReply): void
  fail(span: Span, call: Call, timing: CallTiming, error: Error): void
  /** A body was read, as a span below the call's. */
  endRead(span: Span, startMs: number, bytes: number, error: Error | undefined): void
}
export type ClientTracesOptions = {
  readonly layer: BackendLayer['traces']
  readonly attributes: readonly string[]
  readonly pattern: string
  readonly tracer: Tracer
}

const READ_SPAN = 'http.client.response.read.tracker'
/** What Go reports for answers that do not tell their size. */
const UNKNOWN_SIZE = -1

export function clientTraces({ layer, attributes, tracer }: ClientTracesOptions): ClientTraces {
  const { headers } = layer
  const fixed: Attributes = [
    ...attributes,
    ...['krakend.stage', 'backend-request'],
    ...layer.attributes,
  ]
  const seconds = (ms: number) => ({ double: ms / 1000 })

  function requestAttributes(call: Call): Attributes {
    const origin = withoutUser(call.origin)
    const size = bodySize(call.body)
    const agent = headerValue(call.headers, 'user-agent') ?? ''
    return [
      ...fixed,
      ...headerAttributes('http.request.header.', call.headers, headers),
      ...['url.full', origin + call.path],
      ...['server.address', origin.slice(origin.indexOf('//') + 2)],
      ...['http.request.method', call.method],
      ...(size === undefined ? [] : ['http.request.body.size', size]),
      ...(agent === '' ? [] : ['user_agent.original', agent]),
    ]
  }
  const connection = ({ startMs, connectedMs, dial }: CallTiming): Attributes => [
    ...['get-conn-duration', seconds(connectedMs - startMs)],
    ...['dns-duration', seconds(dial?.dnsMs ?? 0)],
    ...['tls-duration', seconds(dial?.tlsMs ?? 0)],
  ]

  return {
    readsPayload: layer.readPayload,
    end(span, call, timing, reply) {
      const events: SpanEvent[] = layer.detailedConnection
        ? [{ name: 'first-byte-time', atMs: timing.endMs, attributes: [] }]
        : []
      tracer.record(span, {
        status: 'ok',
        endMs: timing.endMs,
        events,
        attributes: [
          ...requestAttributes(call),
          ...['http.response.status_code', reply.status],
          ...['http.response.body.size', replySize(reply) ?? UNKNOWN_SIZE],
          ...(headers.isOn
            ? headerAttributes('http.response.header.', reply.headerList(), headers)
            : []),
          ...['response-duration', seconds(timing.endMs - timing.startMs)],
          ...(layer.detailedConnection ? connection(timing) : []),
        ],
      })
    },
    fail(span, call, timing, error) {
      tracer.record(span, {
        status: 'error',
        problem: error.message,
        endMs: timing.endMs,
        events: [exception(error, timing.endMs)],
        attributes: requestAttributes(call),
      })
    },
    endRead(parent, startMs, bytes, error) {
      if (!layer.readPayload) return
      const span = tracer.begin(READ_SPAN, SPAN_KIND.internal, parent, startMs)
      if (span === undefined) return
      const endMs = performance.now()
      tracer.record(span, {
        status: error === undefined ? 'ok' : 'error',
        ...(error !== undefined && {
          problem: error.message,
          events: [exception(error, endMs)],
        }),
        endMs,
        attributes: [
          ...fixed,
          ...['http.client.response.read.size', bytes],
          ...['http.client.response.read.time', seconds(endMs - startMs)],
        ],
      })
    },
  }
}

const exception = (error: Error, atMs: number): SpanEvent => ({
  name: 'exception',
  atMs,
  attributes: ['exception.type', error.name, 'exception.message', error.message],
})
