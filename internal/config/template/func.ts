import type { Dict, List, Struct, Time, Value } from './value.ts'

/** The Go types a function can ask for, and what it gets. */
type Natives = {
  any: Value
  string: string
  int: number
  int64: bigint
  uint32: number
  float64: number
  bool: boolean
  dict: Dict
  list: List
  time: Time
  certificate: Struct
}

export type Param = keyof Natives

/** The Go name of a parameter type, as errors print it. */
export const PARAM_TYPES = {
  any: 'interface {}',
  string: 'string',
  int: 'int',
  int64: 'int64',
  uint32: 'uint32',
  float64: 'float64',
  bool: 'bool',
  dict: 'map[string]interface {}',
  list: '[]interface {}',
  time: 'time.Time',
  certificate: 'sprig.certificate',
} as const satisfies Record<Param, string>

/** A function templates can call: what it takes, and the call itself, which only sees arguments that fit. */
export type Func = {
  readonly params: readonly Param[]
  readonly rest: Param | undefined
  readonly call: (args: readonly unknown[]) => Value
}

export type FuncMap = Readonly<Record<string, Func>>

type Arguments<P extends readonly Param[]> = { [K in keyof P]: Natives[P[K]] }

/** A function of a fixed number of arguments. */
export function func<const P extends readonly Param[]>(
  params: P,
  run: (...args: Arguments<P>) => Value,
): Func {
  const call = run as (...args: readonly unknown[]) => Value
  return { params, rest: undefined, call: (args) => call(...args) }
}

/** A function whose last parameter takes any number of arguments; it gets them as one array. */
export function variadic<const P extends readonly Param[], R extends Param>(
  params: P,
  rest: R,
  run: (...args: [...Arguments<P>, Natives[R][]]) => Value,
): Func {
  const call = run as (...args: readonly unknown[]) => Value
  return {
    params,
    rest,
    call: (args) => call(...args.slice(0, params.length), args.slice(params.length)),
  }
}
