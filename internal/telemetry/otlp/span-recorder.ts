import type { Attributes, SpanContext } from '../request-note.ts'
import { writeAttributes } from './attributes.ts'
import { ProtoWriter } from './proto-writer.ts'

/** `SpanKind` of OTLP. */
export const SPAN_KIND = { internal: 1, server: 2, client: 3 } as const
export type SpanKind = (typeof SPAN_KIND)[keyof typeof SPAN_KIND]

/** A span that has begun: what is known of it then. Work below it belongs to it by its `SpanContext` half. */
export type Span = SpanContext & {
  readonly parent: SpanContext | undefined
  readonly name: string
  readonly kind: SpanKind
  /** On the clock of `performance.now()`. */
  readonly startMs: number
}
export type SpanEvent = {
  readonly name: string
  readonly atMs: number
  readonly attributes: Attributes
}
/** What is known of a span at its end. */
export type SpanEnd = {
  readonly attributes: Attributes
  readonly status: 'unset' | 'ok' | 'error'
  /** Why, with `error`. */
  readonly problem?: string
  readonly events?: readonly SpanEvent[]
  /** On the clock of `performance.now()`; now without. */
  readonly endMs?: number
}

/** Where a thread's spans go. */
export type SpanRecorder = {
  record(span: Span, end: SpanEnd): void
  /** Hands over what is held. Resolves when all that was handed over has arrived. */
  flush(): Promise<void>
}
export type SpanRecorderOptions = {
  /** Carries encoded spans (field 2 of their scope) to who exports them; resolves when they arrived there. */
  readonly send: (spans: Buffer, count: number) => Promise<unknown>
  /** Told how many spans were lost, each time some were. */
  readonly onDropped: (count: number) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** As Go's SDK: sent after this time or this many, whichever comes first. */
const BATCH_MS = 5000
const BATCH_SPANS = 512
const BATCH_BYTES = 512 * 1024
/** Batches under way before further ones are lost: the main thread is very busy then. */
const MOST_UNDER_WAY = 8
const NS_PER_MS = 1e6

const STATUS = { unset: 0, ok: 1, error: 2 } as const
const LOCAL_PARENT = 0x101
const REMOTE_PARENT = 0x301

/** Encodes spans as they end; the main thread only puts batches together. */
export function spanRecorder({ send, onDropped, now }: SpanRecorderOptions): SpanRecorder {
  const writer = new ProtoWriter(64 * 1024)
  const underWay = new Set<Promise<unknown>>()
  let count = 0
  let timer: NodeJS.Timeout | undefined
  let clockMs = 0

  function handOver(): void {
    clearTimeout(timer)
    timer = undefined
    if (count === 0) return
    const spans = writer.take()
    const held = count
    count = 0
    if (underWay.size >= MOST_UNDER_WAY) return onDropped(held)
    const sent = send(spans, held)
      .catch(() => onDropped(held))
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
  }

  return {
    record(span, end) {
      if (timer === undefined) {
        // Once a batch: what the clocks differ by changes when somebody sets one.
        clockMs = now() - performance.now()
        timer = setTimeout(handOver, BATCH_MS).unref()
      }
      writeSpan(writer, span, end, clockMs)
      if (++count >= BATCH_SPANS || writer.length >= BATCH_BYTES) handOver()
    },
    async flush() {
      handOver()
      await Promise.all(underWay)
    },
  }
}

function writeSpan(writer: ProtoWriter, span: Span, end: SpanEnd, clockMs: number): void {
  const { parent } = span
  const nanoseconds = (ms: number) => (clockMs + ms) * NS_PER_MS
  const message = writer.open(2)
  writer.hex(1, span.traceId)
  writer.hex(2, span.spanId)
  if (span.state !== '') writer.text(3, span.state)
  if (parent !== undefined) writer.hex(4, parent.spanId)
  writer.text(5, span.name)
  writer.uint(6, span.kind)
  writer.fixed64(7, nanoseconds(span.startMs))
  writer.fixed64(8, nanoseconds(end.endMs ?? performance.now()))
  writeAttributes(writer, 9, end.attributes)
  for (const event of end.events ?? []) {
    const mark = writer.open(11)
    writer.fixed64(1, nanoseconds(event.atMs))
    writer.text(2, event.name)
    writeAttributes(writer, 3, event.attributes)
    writer.close(mark)
  }
  if (end.status !== 'unset') {
    const status = writer.open(15)
    if (end.problem !== undefined) writer.text(2, end.problem)
    writer.uint(3, STATUS[end.status])
    writer.close(status)
  }
  writer.fixed32(16, parent?.isRemote === true ? REMOTE_PARENT : LOCAL_PARENT)
  writer.close(message)
}
