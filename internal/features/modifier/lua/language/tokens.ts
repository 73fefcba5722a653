import { Lexer, type Token } from './lexer.ts'
import { SyntaxProblem } from './syntax-error.ts'

/** How deep blocks and expressions may be nested, as in Lua (`LUAI_MAXCCALLS`). */
const DEEPEST = 200

/** The tokens of a script with one to look at: `now`. */
export class Tokens {
  readonly #lexer: Lexer
  now: Token
  #depth = 0

  constructor(source: string) {
    this.#lexer = new Lexer(source)
    this.now = this.#lexer.next()
  }

  take(): Token {
    const taken = this.now
    this.now = this.#lexer.next()
    return taken
  }

  /** Whether the next token is this symbol or reserved word. */
  is(text: string): boolean {
    return this.now.text === text && (this.now.kind === 'symbol' || this.now.kind === 'word')
  }

  /** Takes it if it is there. */
  accept(text: string): boolean {
    if (!this.is(text)) return false
    this.take()
    return true
  }

  expect(text: string): Token {
    if (!this.is(text)) this.refuse()
    return this.take()
  }

  name(): Token {
    if (this.now.kind !== 'name') this.refuse()
    return this.take()
  }

  refuse(message = 'syntax error'): never {
    if (this.now.kind === 'end') throw new SyntaxProblem(`${message} at EOF`, 0)
    throw new SyntaxProblem(`'${this.now.text}': ${message}`, this.now.line)
  }

  nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) this.refuse('chunk has too many syntax levels')
    const result = read()
    this.#depth--
    return result
  }
}
