import { goBoolean } from '../../../pipe/go-boolean.ts'
import { goDouble } from '../../../pipe/go-double.ts'
import { int, uint } from './operators.ts'
import { type Overload, type Overloads, overload } from './overload.ts'
import {
  conversion,
  floor,
  NS_PER_S,
  parseSpan,
  parseTimestamp,
  printTimestamp,
  Span,
  Timestamp,
} from './time.ts'
import {
  EvaluationError,
  kindOf,
  type ListValue,
  type MapValue,
  TypeValue,
  type Uint,
  type Value,
} from './values.ts'

const INT_TEXT = /^[+-]?\d+$/
const UINT_TEXT = /^\d+$/
/** More digits than any 64-bit number has; zeros in front do not count. */
const MOST_DIGITS = 20
const DOUBLE_TEXT = /^[+-]?(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?$/
const INFINITY_TEXT = /^([+-]?)inf(?:inity)?$/i
/** The first double beyond the 64-bit whole numbers. */
const TOO_LARGE = 2 ** 63

const NAMES: Readonly<Record<string, string>> = {
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
}

/** Conversions and `size`, called as functions. */
export const FUNCTIONS: Overloads = new Map<string, readonly Overload[]>([
  ['size', sizes()],
  [
    'dyn',
    [
      overload<[Value]>(
        ['any'],
        () => ({ kind: 'dyn' }),
        (value) => value,
      ),
    ],
  ],
  [
    'type',
    [
      overload<[Value]>(['any'], 'type', (value) => {
        const kind = kindOf(value)
        return new TypeValue(NAMES[kind] ?? kind)
      }),
    ],
  ],
  [
    'int',
    [
      overload<[bigint]>(['int'], 'int', (value) => value),
      overload<[Uint]>(['uint'], 'int', ({ value }) => int(value)),
      overload<[number]>(['double'], 'int', (value) => {
        if (!(Math.abs(value) < TOO_LARGE)) throw new EvaluationError('integer overflow')
        return BigInt(Math.trunc(value))
      }),
      overload<[string]>(['string'], 'int', (text) => whole(text, INT_TEXT, 'int', int)),
      overload<[Timestamp]>(['timestamp'], 'int', ({ ns }) => floor(ns, NS_PER_S)),
      overload<[Span]>(['duration'], 'int', ({ ns }) => ns),
    ],
  ],
  [
    'uint',
    [
      overload<[Uint]>(['uint'], 'uint', (value) => value),
      overload<[bigint]>(['int'], 'uint', uint),
      overload<[number]>(['double'], 'uint', (value) => {
        if (!(value >= 0 && value < 2 * TOO_LARGE))
          throw new EvaluationError('unsigned integer overflow')
        return uint(BigInt(Math.trunc(value)))
      }),
      overload<[string]>(['string'], 'uint', (text) => whole(text, UINT_TEXT, 'uint', uint)),
    ],
  ],
  [
    'double',
    [
      overload<[number]>(['double'], 'double', (value) => value),
      overload<[bigint]>(['int'], 'double', Number),
      overload<[Uint]>(['uint'], 'double', ({ value }) => Number(value)),
      overload<[string]>(['string'], 'double', double),
    ],
  ],
  [
    'bool',
    [
      overload<[boolean]>(['bool'], 'bool', (value) => value),
      overload<[string]>(['string'], 'bool', (text) => {
        const parsed = goBoolean(text)
        if (parsed === undefined) throw conversion('bool')
        return parsed
      }),
    ],
  ],
  ['string', strings()],
  [
    'bytes',
    [
      overload<[Uint8Array]>(['bytes'], 'bytes', (value) => value),
      overload<[string]>(['string'], 'bytes', (text, { spend }) => {
        spend(text.length)
        return Buffer.from(text)
      }),
    ],
  ],
  [
    'timestamp',
    [
      overload<[Timestamp]>(['timestamp'], 'timestamp', (value) => value),
      overload<[string]>(['string'], 'timestamp', parseTimestamp),
      overload<[bigint]>(['int'], 'timestamp', (seconds) => new Timestamp(seconds * NS_PER_S)),
    ],
  ],
  [
    'duration',
    [
      overload<[Span]>(['duration'], 'duration', (value) => value),
      overload<[string]>(['string'], 'duration', parseSpan),
      overload<[bigint]>(['int'], 'duration', (ns) => new Span(ns)),
    ],
  ],
])

/** What a value can be asked for: `text.size()`, `text.contains(part)`. */
export const TEXT_METHODS: Overloads = new Map<string, readonly Overload[]>([
  ['size', sizes()],
  ['contains', ofTexts((text, part) => text.includes(part))],
  ['startsWith', ofTexts((text, part) => text.startsWith(part))],
  ['endsWith', ofTexts((text, part) => text.endsWith(part))],
])

function ofTexts(run: (text: string, part: string) => boolean): readonly Overload[] {
  return [
    overload<[string, string]>(['string', 'string'], 'bool', (text, part, { spend }) => {
      spend(text.length)
      return run(text, part)
    }),
  ]
}

function sizes(): readonly Overload[] {
  return [
    overload<[string]>(['string'], 'int', (text, { spend }) => {
      spend(text.length)
      return codePoints(text)
    }),
    overload<[Uint8Array]>(['bytes'], 'int', ({ length }) => BigInt(length)),
    overload<[ListValue]>(['list'], 'int', ({ length }) => BigInt(length)),
    overload<[MapValue]>(['map'], 'int', ({ size }, { spend }) => {
      spend(size)
      return BigInt(size)
    }),
  ]
}

function codePoints(text: string): bigint {
  let count = 0
  for (const _point of text) count++
  return BigInt(count)
}

function strings(): readonly Overload[] {
  return [
    overload<[string]>(['string'], 'string', (text) => text),
    overload<[boolean]>(['bool'], 'string', String),
    overload<[bigint]>(['int'], 'string', String),
    overload<[Uint]>(['uint'], 'string', ({ value }) => String(value)),
    overload<[number]>(['double'], 'string', goDouble),
    overload<[Uint8Array]>(['bytes'], 'string', (bytes, { spend }) => {
      spend(bytes.length)
      return utf8(bytes)
    }),
    overload<[Timestamp]>(['timestamp'], 'string', printTimestamp),
    overload<[Span]>(['duration'], 'string', ({ ns }) => `${seconds(Number(ns) / 1e9)}s`),
  ]
}

/** Without an exponent, as Go's `FormatFloat(value, 'f', -1, 64)`. */
function seconds(value: number): string {
  const shortest = String(value)
  return shortest.includes('e') ? value.toFixed(9).replace(/\.?0+$/, '') : shortest
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string', { cause })
  }
}

function whole<T>(text: string, form: RegExp, kind: string, fit: (value: bigint) => T): T {
  if (!form.test(text)) throw conversion(kind)
  const isNegative = text.startsWith('-')
  const digits = text.replace(/^[+-]?0*/, '') || '0'
  if (digits.length > MOST_DIGITS) throw conversion(kind)
  try {
    return fit(isNegative ? -BigInt(digits) : BigInt(digits))
  } catch {
    // It is the text that does not fit, as Go words it.
    throw conversion(kind)
  }
}

function double(text: string): number {
  const infinite = INFINITY_TEXT.exec(text)
  if (infinite !== null)
    return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  if (!DOUBLE_TEXT.test(text)) throw conversion('double')
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isFinite(value)) throw conversion('double')
  return value
}
