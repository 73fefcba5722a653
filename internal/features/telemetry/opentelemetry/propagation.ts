import { headerValue, headerValues, withHeader } from '../../../pipe/headers.ts'
import type { HeaderList } from '../../../pipe/pipe.ts'
import type { SpanContext } from '../../../telemetry/request-note.ts'

/** What a request brings along: the span that called, if any, and its baggage. */
export type Incoming = { readonly parent: SpanContext | undefined; readonly baggage: string }
/** How trace context is read from requests and written into calls. */
export type Propagation = {
  /** Names that mean nothing here. */
  readonly unknown: readonly string[]
  extract(headers: HeaderList): Incoming
  inject(span: SpanContext, headers: HeaderList): HeaderList
}

type Propagator = {
  readonly extract?: (headers: HeaderList) => SpanContext | undefined
  readonly inject: (span: SpanContext) => readonly [name: string, value: string][]
  readonly isBaggage?: true
}

/** `OTEL_PROPAGATORS` without a value. */
const DEFAULT = 'tracecontext,baggage'
/** W3C Baggage, 3.3: a longer one need not be passed on. */
const LONGEST_BAGGAGE = 8192
/** W3C Trace Context, 3.3.1.5, asks for 512 at least. */
const LONGEST_STATE = 2048

/** By their names in `OTEL_PROPAGATORS`. */
const PROPAGATORS: Readonly<Record<string, Propagator | undefined>> = {
  tracecontext: {
    extract: fromTraceparent,
    inject: ({ traceId, spanId, isSampled, state }) => [
      ['Traceparent', `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`],
      ...(state === '' ? [] : [['Tracestate', state] as [string, string]]),
    ],
  },
  baggage: {
    inject: ({ baggage }) => (baggage === '' ? [] : [['Baggage', baggage]]),
    isBaggage: true,
  },
  b3: {
    extract: fromB3,
    inject: ({ traceId, spanId, isSampled }) => [
      ['B3', `${traceId}-${spanId}-${isSampled ? 1 : 0}`],
    ],
  },
  b3multi: {
    extract: fromB3,
    inject: ({ traceId, spanId, isSampled }) => [
      ['X-B3-Traceid', traceId],
      ['X-B3-Spanid', spanId],
      ['X-B3-Sampled', isSampled ? '1' : '0'],
    ],
  },
}

/**
 * The propagation that `OTEL_PROPAGATORS` names: `tracecontext`, `baggage`, `b3`, `b3multi`, several with commas, or
 * `none`.
 */
export function propagation(names: string = DEFAULT): Propagation {
  const wanted = (names.trim() === '' ? DEFAULT : names)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const isNone = wanted.includes('none')
  const unknown = wanted.filter((name) => name !== 'none' && !Object.hasOwn(PROPAGATORS, name))
  const used = isNone ? [] : wanted.flatMap((name) => PROPAGATORS[name] ?? [])
  const readers = used.flatMap(({ extract }) => extract ?? [])
  const readsBaggage = used.some(({ isBaggage }) => isBaggage === true)
  return {
    unknown,
    extract(headers) {
      const baggage = readsBaggage ? joined(headers, 'baggage', LONGEST_BAGGAGE) : ''
      let parent: SpanContext | undefined
      for (const read of readers) parent = read(headers) ?? parent
      return {
        parent: parent === undefined || baggage === '' ? parent : { ...parent, baggage },
        baggage,
      }
    },
    inject(span, headers) {
      let list = headers
      for (const { inject } of used)
        for (const [name, value] of inject(span)) list = withHeader(list, name, value)
      return list
    },
  }
}

/** Several header lines count as one; `''` when they are longer than `most`. */
function joined(headers: HeaderList, lowerName: string, most: number): string {
  const text = headerValues(headers, lowerName).join(',')
  return text.length > most ? '' : text
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const ZEROES = /^0+$/

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function fromTraceparent(headers: HeaderList): SpanContext | undefined {
  const header = headerValue(headers, 'traceparent')
  if (header === undefined) return undefined
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined))
    return undefined
  if (ZEROES.test(traceId) || ZEROES.test(spanId)) return undefined
  return {
    traceId,
    spanId,
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    isRemote: true,
    state: joined(headers, 'tracestate', LONGEST_STATE),
    baggage: '',
  }
}

const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i
const SPAN_ID = /^[0-9a-f]{16}$/i

/** https://github.com/openzipkin/b3-propagation: the one header, or else the several. */
function fromB3(headers: HeaderList): SpanContext | undefined {
  const single = headerValue(headers, 'b3')
  const [traceId, spanId, sampled] = single?.split('-') ?? []
  const found = b3Context(traceId, spanId, sampled)
  if (found !== undefined) return found
  const isDebug = headerValue(headers, 'x-b3-flags') === '1'
  return b3Context(
    headerValue(headers, 'x-b3-traceid'),
    headerValue(headers, 'x-b3-spanid'),
    isDebug ? 'd' : headerValue(headers, 'x-b3-sampled'),
  )
}

function b3Context(
  traceId: string | undefined,
  spanId: string | undefined,
  sampled: string | undefined,
): SpanContext | undefined {
  if (traceId === undefined || spanId === undefined) return undefined
  if (!TRACE_ID.test(traceId) || !SPAN_ID.test(spanId)) return undefined
  if (ZEROES.test(traceId) || ZEROES.test(spanId)) return undefined
  return {
    traceId: traceId.toLowerCase().padStart(32, '0'),
    spanId: spanId.toLowerCase(),
    isSampled: sampled === '1' || sampled === 'd' || sampled?.toLowerCase() === 'true',
    isRemote: true,
    state: '',
    baggage: '',
  }
}
