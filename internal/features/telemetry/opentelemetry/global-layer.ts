import { bodySize } from '../../../pipe/body-size.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import { headerValue } from '../../../pipe/headers.ts'
import { BadEscape, decodePercent } from '../../../pipe/percent.ts'
import type { ClientRequest, Decorator, Handler, HeaderList } from '../../../pipe/pipe.ts'
import { SPAN_KIND, type Span } from '../../../telemetry/otlp/span-recorder.ts'
import type { Attributes, EndpointNote, RequestNote } from '../../../telemetry/request-note.ts'
import { headerAttributes } from './header-attributes.ts'
import { goStatusText, serverMeter } from './server-meter.ts'
import type { Telemetry } from './telemetry.ts'
import { type Tracer, UNSAMPLED } from './tracer.ts'

const NO_PARENT = Object.freeze({ parent: undefined, baggage: '' })

/** Around everything: counts and traces each request from its first to its last byte. */
export function globalLayer(telemetry: Telemetry): Decorator<Handler> | undefined {
  const { config, meters, propagation } = telemetry
  const layer = config.global
  const tracer = layer.hasTraces ? telemetry.tracer : undefined
  if (!observesRequests(telemetry)) return undefined
  const readsParent = readsParents(telemetry)
  const countUnmatched = serverMeter(meters, layer, undefined, [])
  const begin = tracer && beginRequest(tracer)
  const end = tracer && endRequest(telemetry, tracer)

  return (next) =>
    function observeRequest(request, deadline) {
      if (config.skipPaths.has(decodedPath(request.path))) return next(request, deadline)
      const note: RequestNote = { endpoint: undefined, pattern: undefined }
      deadline.note = note
      const incoming = readsParent ? propagation.extract(request.headers) : NO_PARENT
      deadline.span = incoming.parent
      const span = begin?.(request, deadline, incoming.baggage)
      let replyHeaders: HeaderList = []
      deadline.whenReplied((status, bytes, tookMs) => {
        const { endpoint } = note
        if (endpoint?.isSkipped === true) return
        const count = endpoint?.count ?? countUnmatched
        count(request.method, status, bytes, tookMs)
        if (span !== undefined)
          end?.({ span, request, endpoint, status, bytes, tookMs, replyHeaders })
      })
      if (span === undefined || !layer.headers.isOn) return next(request, deadline)
      return next(request, deadline).then((reply) => {
        replyHeaders = reply.headers
        return reply
      })
    }
}

/** Whether anything is wanted of whole requests. */
export function observesRequests(telemetry: Telemetry): boolean {
  const { config, meters, tracer } = telemetry
  const hasMetrics = meters !== undefined && config.global.hasMetrics
  return hasMetrics || (tracer !== undefined && config.global.hasTraces) || readsParents(telemetry)
}

const readsParents = ({ config, tracer }: Telemetry): boolean =>
  config.global.hasPropagation && tracer !== undefined

const decodedPath = (path: string): string => {
  const decoded = path.includes('%') ? decodePercent(path, false) : path
  return decoded instanceof BadEscape ? path : decoded
}

function beginRequest(tracer: Tracer) {
  return (request: ClientRequest, deadline: Deadline, baggage: string): Span | undefined => {
    const parent = deadline.span
    const span = tracer.begin(
      decodedPath(request.path),
      SPAN_KIND.server,
      parent ?? (baggage === '' ? undefined : { ...ONLY_BAGGAGE, baggage }),
      deadline.startMs,
    )
    deadline.span = span ?? UNSAMPLED
    return span
  }
}
/** Came without a span: a new trace that carries it on. */
const ONLY_BAGGAGE = { ...UNSAMPLED, isRemote: true }

type Ended = {
  readonly span: Span
  readonly request: ClientRequest
  readonly endpoint: EndpointNote | undefined
  readonly status: number
  readonly bytes: number
  readonly tookMs: number
  readonly replyHeaders: HeaderList
}

function endRequest({ config }: Telemetry, tracer: Tracer) {
  const { headers, traceAttributes } = config.global
  return ({ span, request, endpoint, status, bytes, tookMs, replyHeaders }: Ended): void => {
    const attributes: Attributes = [
      ...requestAttributes(request),
      ...['krakend.stage', 'global', ...traceAttributes],
      ...headerAttributes('http.request.header.', request.headers, headers),
      ...['http.route', endpoint?.route ?? `${status} ${goStatusText(status)}`],
      ...['http.response.status_code', status, 'http.response.body.size', bytes],
      ...(endpoint?.attributes ?? []),
      ...headerAttributes('http.response.header.', replyHeaders, headers),
    ]
    tracer.record(span, { attributes, status: 'ok', endMs: span.startMs + tookMs })
  }
}

function requestAttributes(request: ClientRequest): Attributes {
  const { method, path, rawQuery, host, headers, body, clientAddress } = request
  const size = bodySize(body)
  const agent = headerValue(headers, 'user-agent') ?? ''
  return [
    ...['url.full', rawQuery === '' ? path : `${path}?${rawQuery}`],
    ...['server.address', host, 'http.request.method', method],
    ...(size === undefined ? [] : ['http.request.body.size', size]),
    ...(agent === '' ? [] : ['user_agent.original', agent]),
    ...['client.address', clientAddress],
  ]
}
