import type {
  BinaryOperator,
  Block,
  Expression,
  FunctionExpression,
  TableExpression,
  TableField,
} from './ast.ts'
import { SyntaxProblem } from './syntax-error.ts'
import type { Tokens } from './tokens.ts'

/** How strongly each operator binds to its left and to its right. */
const BINDING: Readonly<Record<string, readonly [number, number]>> = {
  or: [1, 1],
  and: [2, 2],
  '<': [3, 3],
  '>': [3, 3],
  '<=': [3, 3],
  '>=': [3, 3],
  '~=': [3, 3],
  '==': [3, 3],
  '..': [5, 4],
  '+': [6, 6],
  '-': [6, 6],
  '*': [7, 7],
  '/': [7, 7],
  '%': [7, 7],
  '^': [10, 9],
}
const UNARY_BINDING = 8

/** Reads expressions. */
export class Expressions {
  readonly #tokens: Tokens
  readonly #block: () => Block
  /** One entry a function being read: whether its `...` was used; `undefined` where it has none. */
  readonly #varargs: (boolean | undefined)[] = [false]

  constructor(tokens: Tokens, block: () => Block) {
    this.#tokens = tokens
    this.#block = block
  }

  list(): Expression[] {
    const list = [this.expression()]
    while (this.#tokens.accept(',')) list.push(this.expression())
    return list
  }

  expression(limit = 0): Expression {
    return this.#tokens.nested(() => {
      let left = this.#unary()
      for (;;) {
        const { kind, text } = this.#tokens.now
        const binding = kind === 'symbol' || kind === 'word' ? BINDING[text] : undefined
        if (binding === undefined || binding[0] <= limit) return left
        this.#tokens.take()
        const right = this.expression(binding[1])
        const { line } = left
        left =
          text === 'and' || text === 'or'
            ? { kind: 'logical', operator: text, left, right, line }
            : { kind: 'binary', operator: text as BinaryOperator, left, right, line }
      }
    })
  }

  #unary(): Expression {
    const { kind, text } = this.#tokens.now
    if (kind === 'string' || (text !== 'not' && text !== '-' && text !== '#')) return this.#simple()
    this.#tokens.take()
    const operand = this.expression(UNARY_BINDING)
    return { kind: 'unary', operator: text, operand, line: operand.line }
  }

  #simple(): Expression {
    const tokens = this.#tokens
    const { kind, text, line, value } = tokens.now
    if (kind === 'number') return tokens.take() && { kind, value, line }
    if (kind === 'string') return tokens.take() && { kind, value: text, line }
    if (kind === 'word' && (text === 'nil' || text === 'true' || text === 'false'))
      return tokens.take() && { kind: text, line }
    if (tokens.is('...')) return this.#dots()
    if (tokens.is('{')) return this.table()
    if (tokens.is('function')) {
      tokens.take()
      return this.functionBody(line, false)
    }
    return this.prefixed()
  }

  #dots(): Expression {
    const { line } = this.#tokens.now
    const innermost = this.#varargs.length - 1
    if (this.#varargs[innermost] === undefined)
      throw new SyntaxProblem("cannot use '...' outside a vararg function", line)
    this.#varargs[innermost] = true
    this.#tokens.take()
    return { kind: 'varargs', line }
  }

  /** A name or a parenthesis and what follows: indexes, calls, methods. */
  prefixed(): Expression {
    const tokens = this.#tokens
    let found = this.#primary()
    for (;;) {
      const { line } = found
      if (tokens.accept('.')) {
        const name = tokens.name()
        const key: Expression = { kind: 'string', value: name.text, line: name.line }
        found = { kind: 'index', object: found, key, line }
      } else if (tokens.accept('[')) {
        const key = this.expression()
        tokens.expect(']')
        found = { kind: 'index', object: found, key, line }
      } else if (tokens.accept(':')) {
        const name = tokens.name().text
        found = { kind: 'method', object: found, name, args: this.#args(), line }
      } else if (tokens.is('(') || tokens.is('{') || tokens.now.kind === 'string')
        found = { kind: 'call', callee: found, args: this.#args(), line }
      else return found
    }
  }

  #primary(): Expression {
    const tokens = this.#tokens
    const { line } = tokens.now
    if (!tokens.accept('(')) return { kind: 'name', name: tokens.name().text, line }
    const inner = this.expression()
    tokens.expect(')')
    return { kind: 'parens', inner, line }
  }

  #args(): Expression[] {
    const tokens = this.#tokens
    const { kind, text, line } = tokens.now
    if (kind === 'string') return tokens.take() && [{ kind, value: text, line }]
    if (tokens.is('{')) return [this.table()]
    tokens.expect('(')
    if (tokens.accept(')')) return []
    const args = this.list()
    tokens.expect(')')
    return args
  }

  table(): TableExpression {
    const tokens = this.#tokens
    const { line } = tokens.expect('{')
    const fields: TableField[] = []
    while (!tokens.is('}')) {
      fields.push(this.#field())
      if (!tokens.accept(',') && !tokens.accept(';')) break
    }
    tokens.expect('}')
    return { kind: 'table', fields, line }
  }

  #field(): TableField {
    const tokens = this.#tokens
    if (tokens.accept('[')) {
      const key = this.expression()
      tokens.expect(']')
      tokens.expect('=')
      return { key, value: this.expression() }
    }
    const value = this.expression()
    if (value.kind !== 'name' || !tokens.accept('=')) return { key: undefined, value }
    return {
      key: { kind: 'string', value: value.name, line: value.line },
      value: this.expression(),
    }
  }

  /** From the parameters to `end`; a method has `self` before them. */
  functionBody(line: number, isMethod: boolean): FunctionExpression {
    const tokens = this.#tokens
    const parameters = isMethod ? ['self'] : []
    let isVariadic = false
    tokens.expect('(')
    if (!tokens.is(')'))
      do {
        if (tokens.accept('...')) isVariadic = true
        else parameters.push(tokens.name().text)
      } while (!isVariadic && tokens.accept(','))
    tokens.expect(')')
    this.#varargs.push(isVariadic ? false : undefined)
    const body = tokens.nested(this.#block)
    const usesVarargs = this.#varargs.pop() === true
    tokens.expect('end')
    return { kind: 'function', parameters, isVariadic, usesVarargs, body, line }
  }
}
