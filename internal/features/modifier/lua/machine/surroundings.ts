import type { Budget } from './budget.ts'
import type { Table } from './table.ts'
import type { Code } from './values.ts'

/** Modules by their names, and the functions that find more of them: scripts know them as `package.loaded` and `package.loaders`. */
export type ModuleTables = { readonly loaded: Table; readonly loaders: Table }

/** What an execution gets from outside. */
export type Surroundings = {
  readonly budget: Budget
  /** Where `print` goes. */
  readonly print: (line: string) => void
  readonly modules: ModuleTables
  /** Compiles what a script loads by itself. Throws a `SyntaxProblem`. */
  readonly compile: (source: string, chunkName: string) => Code
}
