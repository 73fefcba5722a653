import type { Block } from './ast.ts'
import { Expressions } from './expressions.ts'
import { Statements } from './statements.ts'
import { Tokens } from './tokens.ts'

/** Reads a script (one character a byte). Throws a `SyntaxProblem`. */
export function parse(source: string): Block {
  const tokens = new Tokens(source)
  const expressions = new Expressions(tokens, () => statements.block())
  const statements = new Statements(tokens, expressions)
  const block = statements.block()
  if (tokens.now.kind !== 'end') tokens.refuse()
  return block
}
