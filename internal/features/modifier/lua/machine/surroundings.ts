import type { Budget } from './budget.ts'
import type { Code } from './values.ts'

/** What an execution gets from outside. */
export type Surroundings = {
  readonly budget: Budget
  /** Where `print` goes. */
  readonly print: (line: string) => void
  /** Compiles what a script loads by itself. Throws a `SyntaxProblem`. */
  readonly compile: (source: string, chunkName: string) => Code
}
