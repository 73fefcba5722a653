/** A script that is no Lua. The words are gopher-lua's: `'b': parse error`, `syntax error at EOF`. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem'
  /** 0 at the end of the script. */
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}
