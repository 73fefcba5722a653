import type { Assignable, Block, Expression, Statement } from './ast.ts'
import type { Expressions } from './expressions.ts'
import type { Tokens } from './tokens.ts'

const ENDS_BLOCK = new Set(['end', 'else', 'elseif', 'until'])

/** Reads statements. */
export class Statements {
  readonly #tokens: Tokens
  readonly #expressions: Expressions
  readonly #readers: Readonly<Record<string, (line: number) => Statement>>

  constructor(tokens: Tokens, expressions: Expressions) {
    this.#tokens = tokens
    this.#expressions = expressions
    this.#readers = {
      do: (line) => ({ kind: 'do', body: this.#closedBlock(), line }),
      while: (line) => this.#while(line),
      repeat: (line) => this.#repeat(line),
      if: (line) => this.#if(line),
      for: (line) => this.#for(line),
      function: (line) => this.#function(line),
      local: (line) => this.#local(line),
      goto: (line) => ({ kind: 'goto', label: tokens.name().text, line }),
      '::': (line) => this.#label(line),
    }
  }

  block(): Block {
    const tokens = this.#tokens
    const statements: Statement[] = []
    for (;;) {
      if (tokens.accept(';')) continue
      const { kind, text, line } = tokens.now
      if (kind === 'end' || (kind === 'word' && ENDS_BLOCK.has(text))) return statements
      if (kind === 'word' && (text === 'return' || text === 'break')) {
        tokens.take()
        statements.push(text === 'break' ? { kind: 'break', line } : this.#return(line))
        tokens.accept(';')
        return statements
      }
      statements.push(tokens.nested(() => this.#statement()))
    }
  }

  #statement(): Statement {
    const { kind, text, line } = this.#tokens.now
    const read = kind === 'word' || kind === 'symbol' ? this.#readers[text] : undefined
    if (read === undefined) return this.#callOrAssignment(line)
    this.#tokens.take()
    return read(line)
  }

  #closedBlock(): Block {
    const body = this.block()
    this.#tokens.expect('end')
    return body
  }

  #return(line: number): Statement {
    const { kind, text } = this.#tokens.now
    const isBare =
      kind === 'end' || (kind === 'word' && ENDS_BLOCK.has(text)) || this.#tokens.is(';')
    return { kind: 'return', values: isBare ? [] : this.#expressions.list(), line }
  }

  #while(line: number): Statement {
    const condition = this.#expressions.expression()
    this.#tokens.expect('do')
    return { kind: 'while', condition, body: this.#closedBlock(), line }
  }

  #repeat(line: number): Statement {
    const body = this.block()
    this.#tokens.expect('until')
    return { kind: 'repeat', body, condition: this.#expressions.expression(), line }
  }

  #if(line: number): Statement {
    const condition = this.#expressions.expression()
    this.#tokens.expect('then')
    const body = this.block()
    const { line: next } = this.#tokens.now
    let otherwise: Block = []
    if (this.#tokens.accept('elseif')) otherwise = [this.#if(next)]
    else {
      if (this.#tokens.accept('else')) otherwise = this.block()
      this.#tokens.expect('end')
    }
    return { kind: 'if', condition, body, otherwise, line }
  }

  #for(line: number): Statement {
    const tokens = this.#tokens
    const names = this.#names()
    if (names.length === 1 && tokens.accept('=')) {
      const start = this.#expressions.expression()
      tokens.expect(',')
      const limit = this.#expressions.expression()
      const step = tokens.accept(',') ? this.#expressions.expression() : undefined
      tokens.expect('do')
      const body = this.#closedBlock()
      return { kind: 'numeric-for', name: names[0] as string, start, limit, step, body, line }
    }
    tokens.expect('in')
    const values = this.#expressions.list()
    tokens.expect('do')
    return { kind: 'generic-for', names, values, body: this.#closedBlock(), line }
  }

  #names(): string[] {
    const names = [this.#tokens.name().text]
    while (this.#tokens.accept(',')) names.push(this.#tokens.name().text)
    return names
  }

  #function(line: number): Statement {
    const tokens = this.#tokens
    const first = tokens.name()
    let target: Assignable = { kind: 'name', name: first.text, line: first.line }
    const field = (object: Expression): Assignable => {
      const { text, line: at } = tokens.name()
      return { kind: 'index', object, key: { kind: 'string', value: text, line: at }, line: at }
    }
    while (tokens.accept('.')) target = field(target)
    const isMethod = tokens.accept(':')
    if (isMethod) target = field(target)
    const values = [this.#expressions.functionBody(line, isMethod)]
    return { kind: 'assign', targets: [target], values, line }
  }

  #local(line: number): Statement {
    if (this.#tokens.accept('function')) {
      const name = this.#tokens.name().text
      return {
        kind: 'local-function',
        name,
        value: this.#expressions.functionBody(line, false),
        line,
      }
    }
    const names = this.#names()
    const values = this.#tokens.accept('=') ? this.#expressions.list() : []
    return { kind: 'local', names, values, line }
  }

  #label(line: number): Statement {
    const label = this.#tokens.name().text
    this.#tokens.expect('::')
    return { kind: 'label', label, line }
  }

  #callOrAssignment(line: number): Statement {
    const tokens = this.#tokens
    const first = this.#expressions.prefixed()
    if (isAssignable(first) && (tokens.is('=') || tokens.is(','))) {
      const targets = [first]
      while (tokens.accept(',')) {
        const target = this.#expressions.prefixed()
        if (!isAssignable(target)) return tokens.refuse()
        targets.push(target)
      }
      tokens.expect('=')
      return { kind: 'assign', targets, values: this.#expressions.list(), line }
    }
    if (first.kind !== 'call' && first.kind !== 'method') return tokens.refuse('parse error')
    return { kind: 'call', call: first, line }
  }
}

const isAssignable = (expression: Expression): expression is Assignable =>
  expression.kind === 'name' || expression.kind === 'index'
