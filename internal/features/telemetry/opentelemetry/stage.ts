import type { GatewayError } from '../../../errors.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import type { Decorator, Pipe, ProxyRequest, ProxyResponse } from '../../../pipe/pipe.ts'
import { attributeLabels } from '../../../telemetry/instruments.ts'
import type { Histogram, Meters } from '../../../telemetry/metrics.ts'
import { SPAN_KIND, type Span } from '../../../telemetry/otlp/span-recorder.ts'
import type { HeaderReport, StaticAttributes } from './config.ts'
import { headerAttributes } from './header-attributes.ts'
import { record } from './record.ts'
import { type Tracer, UNSAMPLED } from './tracer.ts'

/** A stretch of the way that has a duration and a span: an endpoint's proxy part, or one backend. */
export type Stage = {
  readonly name: 'proxy' | 'backend'
  /** The span's name. */
  readonly pattern: string
  /** Of both, before what only one of them has. */
  readonly attributes: StaticAttributes
  readonly meters: Meters | undefined
  readonly metricAttributes: StaticAttributes
  readonly tracer: Tracer | undefined
  readonly traceAttributes: StaticAttributes
  readonly headers: HeaderReport
}

/** How a stage ended, in the words of KrakenD's labels. */
type Outcome = { readonly error: boolean; readonly canceled: boolean; readonly complete: boolean }

const COMPONENT_ERROR_STATUS = 500

/** Measures a stage; `undefined` when neither its duration nor its span is wanted. */
export function stage(options: Stage): Decorator<Pipe> | undefined {
  const { tracer, pattern } = options
  const observe = options.meters && stageMeter(options, options.meters)
  const end = tracer && stageEnd(options, tracer)
  if (observe === undefined && tracer === undefined) return undefined
  return (next) =>
    function measureStage(request, deadline) {
      const startMs = performance.now()
      const span = tracer?.begin(pattern, SPAN_KIND.internal, deadline.span, startMs)
      if (tracer !== undefined && span === undefined) deadline.span ??= UNSAMPLED
      const inner = span === undefined ? deadline : deadline.inSpan(span)
      return next(request, inner).then(
        (response) => {
          observe?.(startMs, outcomeOf(response.errors, response.isComplete, deadline))
          if (span !== undefined) end?.(span, request, response, response.errors)
          return response
        },
        (thrown: GatewayError) => {
          const errors = partsOf(thrown)
          observe?.(startMs, outcomeOf(errors, false, deadline))
          if (span !== undefined) end?.(span, request, undefined, errors)
          throw thrown
        },
      )
    }
}

const partsOf = (error: GatewayError): readonly GatewayError[] =>
  error.code === 'merge' ? (error.cause as readonly GatewayError[]) : [error]

function outcomeOf(
  errors: readonly GatewayError[],
  isComplete: boolean,
  deadline: Deadline,
): Outcome {
  if (errors.length === 0) return { error: false, canceled: false, complete: isComplete }
  const canceled = errors.filter(({ code }) => code === 'canceled').length
  const isCanceled = canceled > 0 || deadline.reason?.code === 'canceled'
  const isError = !isCanceled || (errors.length > 1 && canceled < errors.length)
  return { error: isError, canceled: isCanceled, complete: isComplete }
}

type Observe = (startMs: number, outcome: Outcome) => void

function stageMeter({ name, attributes, metricAttributes }: Stage, meters: Meters): Observe {
  const fixed = record([...attributes, ...metricAttributes])
  const cells: (Histogram | undefined)[] = []
  return (startMs, { error, canceled, complete }) => {
    const at = (error ? 1 : 0) + (canceled ? 2 : 0) + (complete ? 4 : 0)
    let cell = cells[at]
    if (cell === undefined) {
      const labels = attributeLabels({ ...fixed, error, canceled, complete })
      cell = meters.histogram(`krakend_${name}_duration`, labels)
      cells[at] = cell
    }
    cell.observe((performance.now() - startMs) / 1000)
  }
}

function stageEnd(options: Stage, tracer: Tracer) {
  const { name, attributes, traceAttributes, headers } = options
  const fixed = [...attributes, ...traceAttributes, 'krakend.stage', name]
  return (
    span: Span,
    request: ProxyRequest,
    response: ProxyResponse | undefined,
    errors: readonly GatewayError[],
  ): void => {
    const isCanceled = errors.length === 1 && errors[0]?.code === 'canceled'
    const isError = errors.length > 0
    tracer.record(span, {
      status: 'unset',
      attributes: [
        ...fixed,
        ...headerAttributes('http.request.header.', request.headers, headers),
        ...(isCanceled ? ['canceled', true] : []),
        ...(isError && !isCanceled
          ? ['error', errors.map(({ message }) => message).join('\n')]
          : []),
        ...[
          'http.response.status_code',
          isError ? COMPONENT_ERROR_STATUS : (response?.status ?? 0),
        ],
        ...headerAttributes('http.response.header.', response?.headers ?? [], headers),
        ...['complete', response?.isComplete ?? false],
      ],
    })
  }
}
