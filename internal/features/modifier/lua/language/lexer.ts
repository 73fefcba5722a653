import { parseNumber } from '../machine/number.ts'
import { scanLongText, scanText } from './scan-text.ts'
import { SyntaxProblem } from './syntax-error.ts'

export type TokenKind = 'name' | 'number' | 'string' | 'word' | 'symbol' | 'end'
export type Token = {
  readonly kind: TokenKind
  /** As in the script; of a string, its value. */
  readonly text: string
  readonly value: number
  readonly line: number
}

const WORDS = new Set(
  (
    'and break do else elseif end false for function if in local nil not or repeat return then true ' +
    'until while goto'
  ).split(' '),
)
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /0[xX][0-9A-Fa-f]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d*)?/y
const SYMBOL = /\.\.\.|\.\.|==|~=|<=|>=|::|[-+*/%^#<>=(){}[\];:,.]/y
const BLANK = /[ \t\n\r]+/y

/** Cuts a script (one character a byte) into tokens, one at a time: a mistake is told where reading stands. */
export class Lexer {
  readonly source: string
  at = 0
  line = 1

  constructor(source: string) {
    this.source = source
  }

  next(): Token {
    this.#skip()
    const { source, line } = this
    const char = source[this.at]
    if (char === undefined) return { kind: 'end', text: '', value: 0, line: 0 }
    const name = this.#match(NAME)
    if (name !== undefined)
      return { kind: WORDS.has(name) ? 'word' : 'name', text: name, value: 0, line }
    if (char === '"' || char === "'") return this.#text(scanText(source, this.at), line)
    if (char === '[' && /^\[=*\[/.test(source.slice(this.at, this.at + 80)))
      return this.#text(scanLongText(source, this.at), line)
    const digits = this.#match(NUMBER)
    if (digits !== undefined) return this.#number(digits, line)
    const symbol = this.#match(SYMBOL)
    if (symbol !== undefined) return { kind: 'symbol', text: symbol, value: 0, line }
    throw new SyntaxProblem(`'${char}': Invalid ${char === '~' ? "'~' token" : 'token'}`, line)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.source)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  #number(text: string, line: number): Token {
    const value = parseNumber(text)
    if (value === undefined) {
      const what = /^0x/i.test(text) ? 'illegal hexadecimal number' : 'illegal number'
      throw new SyntaxProblem(`'${text}': ${what}`, line)
    }
    return { kind: 'number', text, value, line }
  }

  #text({ value, end, problem }: ReturnType<typeof scanText>, line: number): Token {
    this.#count(this.source.slice(this.at, end))
    this.at = end
    if (problem !== undefined) {
      if (end >= this.source.length) throw new SyntaxProblem(`${problem} at EOF`, 0)
      // gopher-lua has read the line break by then.
      throw new SyntaxProblem(`'${value}': ${problem}`, this.line + 1)
    }
    return { kind: 'string', text: value, value: 0, line }
  }

  #skip(): void {
    for (;;) {
      const blank = this.#match(BLANK)
      if (blank !== undefined) this.#count(blank)
      else if (this.source.startsWith('--', this.at)) this.#comment()
      else return
    }
  }

  #comment(): void {
    this.at += 2
    if (/^\[=*\[/.test(this.source.slice(this.at, this.at + 80))) {
      const { end, problem } = scanLongText(this.source, this.at)
      if (problem !== undefined) throw new SyntaxProblem('invalid multiline comment at EOF', 0)
      this.#count(this.source.slice(this.at, end))
      this.at = end
      return
    }
    const end = this.source.slice(this.at).search(/[\n\r]/)
    this.at = end < 0 ? this.source.length : this.at + end
  }

  #count(passed: string): void {
    this.line += passed.match(/\r\n|\n\r|\n|\r/g)?.length ?? 0
  }
}
