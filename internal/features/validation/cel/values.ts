import type { Span, Timestamp } from './time.ts'

/** A value as expressions see it: int is a bigint, double a number; the other kinds have a class. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Span
  | TypeValue
  | ListValue
  | MapValue

export type KindName =
  | 'null_type'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'type'
  | 'list'
  | 'map'

/** An unsigned 64-bit number. */
export class Uint {
  readonly kind = 'uint'
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** A type, as `type(x)` gives it. */
export class TypeValue {
  readonly kind = 'type'
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A list; items are read when asked for, so that a large document costs what is looked at. */
export class ListValue {
  readonly kind = 'list'
  readonly length: number
  readonly at: (index: number) => Value
  constructor(length: number, at: (index: number) => Value) {
    this.length = length
    this.at = at
  }

  static of(items: readonly Value[]): ListValue {
    return new ListValue(items.length, (index) => items[index] as Value)
  }
}

/** A map; `undefined` is a key that is not there. */
export type MapValue = {
  readonly kind: 'map'
  readonly size: number
  get(key: Value): Value | undefined
  keys(): readonly Value[]
}

/** An expression that cannot be evaluated with these values: `&&` and `||` may do without it. */
export class EvaluationError extends Error {}
/** An expression that costs more than a request may: nothing does without it. */
export class BudgetError extends Error {}

export const noOverload = (what: string): EvaluationError =>
  new EvaluationError(`no such overload: ${what}`)

export function kindOf(value: Value): KindName {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    default:
      if (value === null) return 'null_type'
      return value instanceof Uint8Array ? 'bytes' : value.kind
  }
}

export const isMap = (value: Value): value is MapValue =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'map'

/** A number of any of the three kinds. */
export const isNumeric = (value: Value): value is bigint | number | Uint =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint

/** What JavaScript compares exactly, whatever the kinds: a bigint or a number. */
export const plainNumber = (value: bigint | number | Uint): bigint | number =>
  value instanceof Uint ? value.value : value
