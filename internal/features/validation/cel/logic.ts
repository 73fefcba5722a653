import type { Frame, Program } from './compile.ts'
import { BudgetError, EvaluationError, noOverload, type Value } from './values.ts'

/** What a side came to: a boolean, or why it is none. */
export type Verdict = boolean | EvaluationError

/** Evaluates to a boolean or the reason against it. A spent budget is nothing to go on with. */
export function verdict(program: Program, frame: Frame): Verdict {
  try {
    const value = program(frame)
    return typeof value === 'boolean' ? value : noOverload('bool')
  } catch (error) {
    if (error instanceof BudgetError || !(error instanceof EvaluationError)) throw error
    return error
  }
}

/** Both hold. A side that fails counts only when the other does not decide. */
export function and(left: Program, right: Program): Program {
  return decide(left, right, false)
}

/** One holds. */
export function or(left: Program, right: Program): Program {
  return decide(left, right, true)
}

function decide(left: Program, right: Program, decisive: boolean): Program {
  return (frame) => {
    const one = verdict(left, frame)
    if (one === decisive) return decisive
    const other = verdict(right, frame)
    if (other === decisive) return decisive
    known(one)
    known(other)
    return !decisive
  }
}

/** The boolean, or its failure thrown. */
export function known(found: Verdict): boolean {
  if (found instanceof EvaluationError) throw found
  return found
}

/** One branch, by a condition. */
export function choose(condition: Program, one: Program, other: Program): Program {
  return (frame): Value => (known(verdict(condition, frame)) ? one(frame) : other(frame))
}
