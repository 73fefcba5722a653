import type { Call, Send, UpstreamReply } from '../../../client/client.ts'
import type { Decorator } from '../../../pipe/pipe.ts'
import { SPAN_KIND, type Span } from '../../../telemetry/otlp/span-recorder.ts'
import { type CallTiming, type ClientMeter, clientMeter } from './client-meter.ts'
import { type ClientTraces, clientTraces } from './client-traces.ts'
import type { BackendLayer } from './config.ts'
import { ObservedReply } from './observed-reply.ts'
import { type ReadMeter, readMeter } from './read-meter.ts'
import { record } from './record.ts'
import type { Telemetry } from './telemetry.ts'

export type ClientLayerOptions = {
  readonly telemetry: Telemetry
  readonly layer: BackendLayer
  readonly pattern: string
  /** Method, route and endpoint: of metrics and spans alike. */
  readonly attributes: readonly string[]
}

/** Around each exchange with an upstream; `undefined` when neither side wants to know of it. */
export function clientLayer(options: ClientLayerOptions): Decorator<Send> | undefined {
  const { telemetry, pattern, attributes, layer } = options
  const { metrics, traces } = layer
  const hasMetrics = telemetry.meters !== undefined && (metrics.roundTrip || metrics.readPayload)
  const hasTraces = telemetry.tracer !== undefined && (traces.roundTrip || traces.readPayload)
  if (!hasMetrics && !hasTraces) return undefined
  const fixed = record([...attributes, ...metrics.attributes])
  const count =
    hasMetrics && telemetry.meters !== undefined
      ? clientMeter({
          meters: telemetry.meters,
          convention: telemetry.config.global.convention,
          fixed,
          clientName: pattern,
          detailedConnection: metrics.detailedConnection,
        })
      : undefined
  const countRead =
    metrics.readPayload && telemetry.meters !== undefined
      ? readMeter(telemetry.meters, fixed)
      : undefined
  const spans =
    hasTraces && telemetry.tracer !== undefined
      ? clientTraces({ layer: traces, attributes, pattern, tracer: telemetry.tracer })
      : undefined
  const timesConnections =
    (hasMetrics && metrics.detailedConnection) || (hasTraces && traces.detailedConnection)
  return observing({ telemetry, pattern, count, countRead, spans, timesConnections })
}

type Observers = {
  readonly telemetry: Telemetry
  readonly pattern: string
  readonly count: ClientMeter | undefined
  readonly countRead: ReadMeter | undefined
  readonly spans: ClientTraces | undefined
  readonly timesConnections: boolean
}

function observing(observers: Observers): Decorator<Send> {
  const { telemetry, pattern, count, countRead, spans, timesConnections } = observers
  const { propagation, tracer } = telemetry
  const beginsSpans = spans === undefined ? undefined : tracer
  const observesBody = countRead !== undefined || spans?.readsPayload === true

  function outgoing(call: Call, span: Span | undefined, timing: CallTiming): Call {
    const headers = span === undefined ? call.headers : propagation.inject(span, call.headers)
    if (!timesConnections) return { ...call, headers }
    return {
      ...call,
      headers,
      onDial(times) {
        timing.dial = times
      },
      onConnected() {
        timing.connectedMs = performance.now()
      },
    }
  }
  function observed(reply: UpstreamReply, span: Span | undefined): UpstreamReply {
    if (countRead === undefined && span === undefined) return reply
    return new ObservedReply(reply, (startMs, bytes, error) => {
      countRead?.(bytes, (performance.now() - startMs) / 1000, error !== undefined)
      if (span !== undefined) spans?.endRead(span, startMs, bytes, error)
    })
  }

  return (next) =>
    function observeCall(call, deadline) {
      const startMs = performance.now()
      const span = beginsSpans?.begin(pattern, SPAN_KIND.client, deadline.span, startMs)
      const timing: CallTiming = { startMs, connectedMs: startMs, dial: undefined, endMs: startMs }
      const sent = span === undefined && !timesConnections ? call : outgoing(call, span, timing)
      return next(sent, deadline).then(
        (reply) => {
          timing.endMs = performance.now()
          count?.(call, deadline, timing, reply)
          if (span !== undefined) spans?.end(span, sent, timing, reply)
          return observesBody ? observed(reply, span) : reply
        },
        (thrown: Error) => {
          timing.endMs = performance.now()
          count?.(call, deadline, timing, undefined)
          if (span !== undefined) spans?.fail(span, sent, timing, thrown)
          throw thrown
        },
      )
    }
}
