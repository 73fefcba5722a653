import { spanIds } from '../../../telemetry/otlp/span-ids.ts'
import type {
  Span,
  SpanEnd,
  SpanKind,
  SpanRecorder,
} from '../../../telemetry/otlp/span-recorder.ts'
import type { SpanContext } from '../../../telemetry/request-note.ts'

/** Begins spans, or decides that they are not recorded. */
export type Tracer = {
  /** `undefined`: nobody records this request. `parent` is what the deadline knows. */
  begin(
    name: string,
    kind: SpanKind,
    parent: SpanContext | undefined,
    startMs: number,
  ): Span | undefined
  record(span: Span, end: SpanEnd): void
}
export type TracerOptions = {
  /** Of requests that nobody has decided about yet; from 1 on everything is recorded whatever the caller says. */
  readonly sampleRate: number
  readonly recorder: SpanRecorder
  readonly random: () => number
}

/** What a request belongs to that is not recorded: so that nothing below it decides again. */
export const UNSAMPLED: SpanContext = Object.freeze({
  traceId: '',
  spanId: '',
  isSampled: false,
  isRemote: false,
  state: '',
  baggage: '',
})

export function tracer({ sampleRate, recorder, random }: TracerOptions): Tracer {
  const ids = spanIds()
  const isSampled = (parent: SpanContext | undefined): boolean => {
    if (sampleRate >= 1) return true
    return parent === undefined || (parent.traceId === '' && parent.isRemote)
      ? random() < sampleRate
      : parent.isSampled
  }
  return {
    record: recorder.record,
    begin(name, kind, known, startMs) {
      if (!isSampled(known)) return undefined
      const parent = known === undefined || known.traceId === '' ? undefined : known
      return {
        traceId: parent?.traceId ?? ids.traceId(),
        spanId: ids.spanId(),
        isSampled: true,
        isRemote: false,
        state: known?.state ?? '',
        baggage: known?.baggage ?? '',
        parent,
        name,
        kind,
        startMs,
      }
    },
  }
}
