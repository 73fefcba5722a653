/** The integer types of Go that template functions hand out. */
export type IntType = 'int' | 'int64' | 'int32' | 'uint8' | 'uint32' | 'uint64'

/** A Go integer. Settings hold none: JSON numbers are float64, plain JavaScript numbers here. */
export class Int {
  readonly value: bigint
  readonly type: IntType

  constructor(value: bigint | number, type: IntType = 'int') {
    this.value = BigInt(value)
    this.type = type
  }
}

/** A Go slice; `element` is the Go type of what it holds. */
export class List {
  readonly items: readonly Value[]
  readonly element: string
  /** A nil slice: empty like any other, but `null` in JSON. */
  readonly isNilSlice: boolean

  constructor(items: readonly Value[], element = 'interface {}', isNilSlice = false) {
    this.items = items
    this.element = element
    this.isNilSlice = isNilSlice
  }
}

/** A Go map with string keys. Changed in place by `set`, `unset` and `merge`, as in Go. */
export class Dict {
  readonly entries: Map<string, Value>
  readonly element: string

  constructor(entries: Iterable<readonly [string, Value]> = [], element = 'interface {}') {
    this.entries = new Map(entries)
    this.element = element
  }
}

/** A Go time.Time: nanoseconds since 1970 and the name of its zone. */
export class Time {
  readonly nanoseconds: bigint
  readonly zone: string

  constructor(nanoseconds: bigint, zone: string) {
    this.nanoseconds = nanoseconds
    this.zone = zone
  }
}

/** A Go struct with exported fields and methods without arguments; `text` is what printing shows. */
export class Struct {
  readonly type: string
  readonly fields: ReadonlyMap<string, Value>
  readonly methods: ReadonlyMap<string, () => Value>
  readonly text: string | undefined

  constructor(parts: {
    type: string
    fields: ReadonlyMap<string, Value>
    methods?: ReadonlyMap<string, () => Value>
    text?: string
  }) {
    this.type = parts.type
    this.fields = parts.fields
    this.methods = parts.methods ?? new Map()
    this.text = parts.text
  }
}

/** Ends the rendering at the place that asked. */
export type Refuse = (message: string) => never

/**
 * What a look-up of a key that does not exist gives: no value, but it remembers which key, and who asked.
 * Functions leave `fail` out; the evaluator knows their place.
 */
export class Missing {
  readonly key: string
  readonly fail: Refuse | undefined

  constructor(key: string, fail?: Refuse) {
    this.key = key
    this.fail = fail
  }
}

/**
 * Every value a template can hold. `null` is a nil inside an interface (JSON null), `undefined` is no value
 * at all; Go treats them differently when a field of them is asked for.
 */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | Int
  | List
  | Dict
  | Time
  | Struct
  | Missing

/** Whether Go's reflect would call it invalid. */
export function isInvalid(value: Value): value is undefined | Missing {
  return value === undefined || value instanceof Missing
}

/** Whether it is nil or no value. */
export function isNil(value: Value): value is undefined | null | Missing {
  return value === null || isInvalid(value)
}

/** The Go type as `%T` prints it. */
export function typeOf(value: Value): string {
  if (isNil(value)) return '<nil>'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'string') return 'string'
  if (value instanceof List) return `[]${value.element}`
  if (value instanceof Dict) return `map[string]${value.element}`
  if (value instanceof Time) return 'time.Time'
  return value.type
}

/** The Go kind as reflect names it. */
export function kindOf(value: Value): string {
  if (isNil(value)) return 'invalid'
  if (value instanceof List) return 'slice'
  if (value instanceof Dict) return 'map'
  if (value instanceof Time) return 'struct'
  if (value instanceof Struct) return value.type.startsWith('*') ? 'ptr' : 'struct'
  return typeOf(value)
}

/** Go's length: bytes of a string, entries of a slice or map; `undefined` where there is none. */
export function lengthOf(value: Value): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (value instanceof List) return value.items.length
  if (value instanceof Dict) return value.entries.size
  return undefined
}

/** Truth as `if` sees it: the opposite of the zero value; structs are always true. */
export function isTrue(value: Value): boolean {
  if (isNil(value)) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (value instanceof Int) return value.value !== 0n
  return lengthOf(value) !== 0
}

/** The keys of a map in the order Go's templates visit and print them: by byte. */
export function sortedKeys(dict: Dict): string[] {
  return [...dict.entries.keys()].sort(compareStrings)
}

/** Go's order of strings, which is that of their UTF-8 bytes. */
export function compareStrings(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

/** reflect.DeepEqual: same type, same content; NaN differs from itself. */
export function deepEqual(left: Value, right: Value): boolean {
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right)
  if (typeOf(left) !== typeOf(right)) return false
  if (left instanceof Int && right instanceof Int) return left.value === right.value
  if (left instanceof Time && right instanceof Time) return left.nanoseconds === right.nanoseconds
  if (left instanceof List && right instanceof List) {
    const other = right.items
    return (
      left.items.length === other.length && left.items.every((item, i) => deepEqual(item, other[i]))
    )
  }
  if (left instanceof Dict && right instanceof Dict) {
    return equalMaps(left.entries, right.entries)
  }
  if (left instanceof Struct && right instanceof Struct) {
    return left.text === right.text && equalMaps(left.fields, right.fields)
  }
  return left === right
}

function equalMaps(left: ReadonlyMap<string, Value>, right: ReadonlyMap<string, Value>): boolean {
  if (left.size !== right.size) return false
  return [...left].every(([key, value]) => right.has(key) && deepEqual(value, right.get(key)))
}
