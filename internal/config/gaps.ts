import { ConfigError, type ConfigProblem, describeProblem } from '../errors.ts'
import { positionsOf } from './positions.ts'
import type { Gap } from './template/output.ts'
import { placeOf } from './template/template-error.ts'

/**
 * The failure of a rendered text that cannot be parsed, with the missing settings that left nothing on the line where
 * it failed: Go's templates say nothing of them when a function such as `quote` stands behind.
 */
export function withGaps(error: unknown, gaps: readonly Gap[], text: string): unknown {
  if (!(error instanceof ConfigError)) return error
  const [problem] = error.problems
  const line = problem?.place.line
  const position = positionsOf(text)
  const causes = gaps
    .filter(({ offset }) => position(nextWord(text, offset)).line === line)
    .map(problemOf)
  if (causes.length === 0) return error
  const explained = new ConfigError([...error.problems, ...causes])
  explained.message = [error.message, ...causes.map(describeProblem)].join('\n')
  return explained
}

function problemOf({ source, at, expression, key }: Gap): ConfigProblem {
  const { line, column } = placeOf(source, at)
  return {
    place: { file: source.path, line, column: column + 1 },
    message: `<${expression}> left nothing here: map has no entry for key ${JSON.stringify(key)}`,
  }
}

/** What a parser that misses a value stumbles over. */
function nextWord(text: string, offset: number): number {
  const found = text.slice(offset).search(/\S/)
  return found < 0 ? text.length : offset + found
}
