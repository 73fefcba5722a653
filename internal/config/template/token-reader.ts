import { type Token, tokenize } from './lexer.ts'
import type { Source } from './nodes.ts'
import { quoteGo } from './quote.ts'
import { TemplateError } from './template-error.ts'

/** Walks over the tokens of one file, and words what is wrong with them. */
export class TokenReader {
  /** The line of the action being read, 0 outside; an error elsewhere in it says where it started. */
  actionLine = 0
  readonly #source: Source
  readonly #tokens: readonly Token[]
  #next = 0
  #furthest = 0

  constructor(source: Source) {
    this.#source = source
    this.#tokens = tokenize(source.text)
  }

  /** A place to come back to with `backTo`. */
  mark(): number {
    return this.#next
  }

  backTo(mark: number): void {
    this.#next = mark
  }

  backUp(): void {
    this.#next--
  }

  peek(): Token {
    return this.#token(this.#next)
  }

  take(): Token {
    return this.#token(this.#next++)
  }

  peekNonSpace(): Token {
    while (this.peek().kind === 'space') this.#next++
    return this.peek()
  }

  nextNonSpace(): Token {
    this.peekNonSpace()
    return this.take()
  }

  /** Takes the closing braces, which must come next. */
  expectRight(context: string): Token {
    const token = this.nextNonSpace()
    return token.kind === 'right' ? token : this.unexpected(token, context)
  }

  /** Refuses a token, in the words of Go. */
  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') {
      return this.fail(`unexpected ${describeToken(token)} in ${context}`)
    }
    const hasStarted = this.actionLine !== 0 && this.actionLine !== token.line
    const started = ` in action started at ${this.#source.name}:${this.actionLine}`
    const extra = token.text.endsWith(' action') ? started.slice(' in action'.length) : started
    return this.fail(`${token.text}${hasStarted ? extra : ''}`)
  }

  /** Ends parsing; Go blames the line of the token it read furthest. */
  fail(message: string): never {
    const line = this.#token(this.#furthest).line
    throw new TemplateError(`template: ${this.#source.name}:${line}: ${message}`, {
      file: this.#source.path,
      line,
    })
  }

  #token(index: number): Token {
    const last = this.#tokens.length - 1
    this.#furthest = Math.max(this.#furthest, Math.min(index, last))
    const token = this.#tokens[Math.min(index, last)]
    if (token === undefined) throw new TypeError('a template without tokens')
    return token
  }
}

function describeToken(token: Token): string {
  if (token.kind === 'eof') return 'EOF'
  if (token.kind === 'keyword' || token.kind === 'dot' || token.kind === 'nil')
    return `<${token.text}>`
  const chars = [...token.text]
  return chars.length > 10 ? `${quoteGo(chars.slice(0, 10).join(''))}...` : quoteGo(token.text)
}
