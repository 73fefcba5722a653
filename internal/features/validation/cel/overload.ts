import type { Spend } from './equal.ts'
import { fits, type Type } from './types.ts'
import { type KindName, kindOf, noOverload, type Value } from './values.ts'

/** What functions are run with. */
export type Runtime = { readonly spend: Spend }

/** One way to call a function or operator: the kinds it takes (`any` takes all), and what comes out. */
export type Overload = {
  readonly takes: readonly (KindName | 'any')[]
  readonly gives: KindName | ((types: readonly Type[]) => Type)
  readonly run: (args: readonly Value[], runtime: Runtime) => Value
}
/** All ways to call each name. */
export type Overloads = ReadonlyMap<string, readonly Overload[]>

type Run<Args extends readonly Value[]> = (...args: [...Args, Runtime]) => Value

/** An overload whose function names its arguments. Their kinds are checked by `call`, so the types hold. */
export function overload<Args extends readonly Value[]>(
  takes: Overload['takes'],
  gives: Overload['gives'],
  run: Run<Args>,
): Overload {
  return { takes, gives, run: (args, runtime) => run(...(args as Args), runtime) }
}

/** The type of a call with arguments of these types; `undefined` when no overload takes them. */
export function resultOf(overloads: readonly Overload[], types: readonly Type[]): Type | undefined {
  const results = overloads
    .filter(({ takes }) => takes.length === types.length && takes.every(isTaken))
    .map(({ gives }): Type => (typeof gives === 'string' ? { kind: gives } : gives(types)))
  const [first, ...rest] = results
  if (first === undefined) return undefined
  return rest.every(({ kind }) => kind === first.kind) ? first : { kind: 'dyn' }

  function isTaken(kind: KindName | 'any', at: number): boolean {
    return kind === 'any' || fits({ kind }, types[at] as Type)
  }
}

/** Runs the overload that takes these values. */
export function call(
  overloads: readonly Overload[],
  args: readonly Value[],
  runtime: Runtime,
  name: string,
): Value {
  runtime.spend(1)
  for (const { takes, run } of overloads)
    if (
      takes.length === args.length &&
      takes.every((kind, at) => kind === 'any' || kind === kindOf(args[at] as Value))
    )
      return run(args, runtime)
  throw noOverload(name)
}
