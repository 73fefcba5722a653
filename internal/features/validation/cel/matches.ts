import { compiledPattern, type Pattern } from '../../../pipe/linear-pattern.ts'
import type { Spend } from './equal.ts'
import { BudgetError, EvaluationError } from './values.ts'

/** Longer patterns from requests and answers are refused: compiling one costs more than a request may. */
const LONGEST_FROM_DATA = 200
/** What each character of a text costs against a pattern that came with data. */
const STEPS_PER_CHARACTER = 50
/** About a millisecond. */
const COMPILE_STEPS = 20_000

/** Whether `text` has something that matches `source`. */
export type MatchAny = (text: string, source: string, spend: Spend) => boolean

/** Matches against patterns that are only known when a request is there; the last one stays compiled. */
export function matchAny(): MatchAny {
  const last: { source?: string; pattern: Pattern } = { pattern: () => false }
  return (text, source, spend) => {
    if (source !== last.source) {
      if (source.length > LONGEST_FROM_DATA)
        throw new BudgetError('a pattern from a request or an answer is too long')
      spend(COMPILE_STEPS)
      const pattern = compiledPattern(source)
      if (typeof pattern === 'string') throw new EvaluationError(pattern)
      Object.assign(last, { source, pattern })
    }
    spend(STEPS_PER_CHARACTER * text.length)
    return last.pattern(text)
  }
}
