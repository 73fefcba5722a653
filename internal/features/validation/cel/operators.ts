import { isEqual, order } from './equal.ts'
import { type Overload, type Overloads, overload } from './overload.ts'
import { Span, Timestamp } from './time.ts'
import { DYN, fits, type Type } from './types.ts'
import { EvaluationError, isMap, ListValue, noOverload, Uint, type Value } from './values.ts'

const MIN_INT = -(2n ** 63n)
const MAX_INT = 2n ** 63n - 1n
const MAX_UINT = 2n ** 64n - 1n

/** A 64-bit number, or an error. */
export function int(value: bigint): bigint {
  if (value < MIN_INT || value > MAX_INT) throw new EvaluationError('integer overflow')
  return value
}
export function uint(value: bigint): Uint {
  if (value < 0n || value > MAX_UINT) throw new EvaluationError('unsigned integer overflow')
  return new Uint(value)
}
function divisor(value: bigint, message = 'division by zero'): bigint {
  if (value === 0n) throw new EvaluationError(message)
  return value
}
const MODULUS = 'modulus by zero'

type IntRun = (one: bigint, other: bigint) => bigint
const ofInts = (run: IntRun): Overload =>
  overload<[bigint, bigint]>(['int', 'int'], 'int', (one, other) => int(run(one, other)))
const ofUints = (run: IntRun): Overload =>
  overload<[Uint, Uint]>(['uint', 'uint'], 'uint', (one, other) =>
    uint(run(one.value, other.value)),
  )
const ofDoubles = (run: (one: number, other: number) => number): Overload =>
  overload<[number, number]>(['double', 'double'], 'double', run)

const sameItems = ([one = DYN, other = DYN]: readonly Type[]): Type =>
  fits(one, other) ? one : { kind: 'list', item: DYN }

/** Arithmetic, by the operator's sign; `-_` is the sign of a number, `!_` the denial. */
export const OPERATORS: Overloads = new Map<string, readonly Overload[]>([
  [
    '+',
    [
      ofInts((one, other) => one + other),
      ofUints((one, other) => one + other),
      ofDoubles((one, other) => one + other),
      overload<[string, string]>(['string', 'string'], 'string', (one, other, { spend }) => {
        spend(one.length + other.length)
        return one + other
      }),
      overload<[Uint8Array, Uint8Array]>(['bytes', 'bytes'], 'bytes', (one, other, { spend }) => {
        spend(one.length + other.length)
        return Buffer.concat([one, other])
      }),
      overload<[ListValue, ListValue]>(['list', 'list'], sameItems, joined),
      overload<[Timestamp, Span]>(['timestamp', 'duration'], 'timestamp', later),
      overload<[Span, Timestamp]>(['duration', 'timestamp'], 'timestamp', (span, time) =>
        later(time, span),
      ),
      overload<[Span, Span]>(
        ['duration', 'duration'],
        'duration',
        (one, other) => new Span(one.ns + other.ns),
      ),
    ],
  ],
  [
    '-',
    [
      ofInts((one, other) => one - other),
      ofUints((one, other) => one - other),
      ofDoubles((one, other) => one - other),
      overload<[Timestamp, Timestamp]>(
        ['timestamp', 'timestamp'],
        'duration',
        (one, other) => new Span(one.ns - other.ns),
      ),
      overload<[Timestamp, Span]>(['timestamp', 'duration'], 'timestamp', (time, { ns }) =>
        later(time, { ns: -ns }),
      ),
      overload<[Span, Span]>(
        ['duration', 'duration'],
        'duration',
        (one, other) => new Span(one.ns - other.ns),
      ),
    ],
  ],
  [
    '*',
    [
      ofInts((one, other) => one * other),
      ofUints((one, other) => one * other),
      ofDoubles((one, other) => one * other),
    ],
  ],
  [
    '/',
    [
      ofInts((one, other) => one / divisor(other)),
      ofUints((one, other) => one / divisor(other)),
      ofDoubles((one, other) => one / other),
    ],
  ],
  [
    '%',
    [
      ofInts((one, other) => {
        // Go's hardware overflows here although the result would fit.
        if (one === MIN_INT && other === -1n) throw new EvaluationError('integer overflow')
        return one % divisor(other, MODULUS)
      }),
      ofUints((one, other) => one % divisor(other, MODULUS)),
    ],
  ],
  [
    '-_',
    [
      overload<[bigint]>(['int'], 'int', (value) => int(-value)),
      overload<[number]>(['double'], 'double', (value) => -value),
    ],
  ],
  ['!_', [overload<[boolean]>(['bool'], 'bool', (value) => !value)]],
])

function later(time: Timestamp, span: { readonly ns: bigint }): Timestamp {
  return new Timestamp(time.ns + span.ns, time.offsetMinutes)
}

function joined(one: ListValue, other: ListValue): ListValue {
  return new ListValue(one.length + other.length, (index) =>
    index < one.length ? one.at(index) : other.at(index - one.length),
  )
}

const ORDERED: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'timestamp',
  'duration',
  'dyn',
])

/** How two values compare: whether types may, and the answer. */
export type Comparison = {
  accepts(one: Type, other: Type): boolean
  holds(one: Value, other: Value, spend: (steps: number) => void): boolean
}

const ordered = (sign: string, holds: (order: number) => boolean): [string, Comparison] => [
  sign,
  {
    accepts: (one, other) => ORDERED.has(one.kind) && ORDERED.has(other.kind) && fits(one, other),
    holds(one, other, spend) {
      spend(1)
      return holds(order(one, other, sign))
    },
  },
]

/** Comparisons and membership, by their sign. */
export const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['==', { accepts: fits, holds: isEqual }],
  ['!=', { accepts: fits, holds: (one, other, spend) => !isEqual(one, other, spend) }],
  ordered('<', (order) => order < 0),
  ordered('<=', (order) => order <= 0),
  ordered('>', (order) => order > 0),
  ordered('>=', (order) => order >= 0),
  ['in', { accepts: mayContain, holds: contains }],
])

function mayContain(one: Type, { kind, item = DYN, key = DYN }: Type): boolean {
  if (kind === 'list') return fits(one, item)
  return kind === 'dyn' || (kind === 'map' && fits(one, key))
}

function contains(one: Value, other: Value, spend: (steps: number) => void): boolean {
  if (other instanceof ListValue) {
    for (let at = 0; at < other.length; at++) if (isEqual(one, other.at(at), spend)) return true
    return false
  }
  if (!isMap(other)) throw noOverload('@in')
  spend(1)
  return other.get(one) !== undefined
}
