import { ConfigError } from '../../../errors.ts'
import { check } from './check.ts'
import { compile } from './compile.ts'
import type { Spend } from './equal.ts'
import { NAMES, obstacles, type Phase, phasesOf } from './phases.ts'
import { ExpressionError, parseExpression } from './syntax.ts'
import { BudgetError, EvaluationError, type Value } from './values.ts'

/** What one evaluation may cost: values looked at, characters read. Far beyond honest rules, below 100 ms. */
const BUDGET = 1_000_000

/** The names that are bound while an expression runs; `undefined` for others. */
export type Bindings = (name: string) => Value | undefined

/** A condition, ready to be asked. */
export type Expression = {
  readonly phases: readonly Phase[]
  /** It is no condition: whatever it comes to, it is not true. */
  readonly refusesAll: boolean
  /** What it came to, or why it came to nothing. Never throws. */
  evaluate(bindings: Bindings): Value | Error
}

/** Where an expression stands, and what it guards (`GET /users`). */
export type Owned = { readonly path: string; readonly owner: string }

/** Compiles the expression that stands at `path`. One that cannot work, or would never run, is a `ConfigError`. */
export function celExpression(source: string, { path, owner }: Owned): Expression {
  const wrong = (message: string): ConfigError =>
    new ConfigError([{ place: { path }, message: `${owner}: ${message}`, found: source }])
  const phases = phasesOf(source)
  if (phases.length === 0)
    throw wrong('never evaluated: it names nothing of the request, the response or the token')
  try {
    const node = parseExpression(source)
    const { kind } = check(node, NAMES)
    for (const phase of phases) {
      const names = obstacles(node, phase)
      if (names.length > 0)
        throw new ExpressionError(
          `never true: it has "${phase}" in it, so it runs ${WHEN[phase]}, where ${names.join(', ')} cannot be known`,
        )
    }
    return {
      phases,
      refusesAll: kind !== 'bool' && kind !== 'dyn',
      evaluate: evaluator(compile(node, { path, locals: [] })),
    }
  } catch (error) {
    if (error instanceof ExpressionError) throw wrong(error.message)
    throw error
  }
}

const WHEN: Readonly<Record<Phase, string>> = {
  req: 'before the call',
  resp: 'after the call',
  JWT: 'when the token is checked',
}

function evaluator(program: ReturnType<typeof compile>): Expression['evaluate'] {
  return (variable) => {
    let left = BUDGET
    const spend: Spend = (steps) => {
      left -= steps
      if (left < 0) throw new BudgetError('the expression costs too much with these values')
    }
    try {
      return program({ variable, locals: [], spend })
    } catch (error) {
      if (error instanceof EvaluationError || error instanceof BudgetError) return error
      // Values nested so deeply that the stack ended.
      if (error instanceof RangeError) return error
      throw error
    }
  }
}
