import type { TokenKind } from './lexer.ts'
import { parseCharacter, parseNumber, unquote } from './literal.ts'
import { type Command, describe, type Operand, type Pipeline } from './nodes.ts'
import { quoteGo } from './quote.ts'
import type { TokenReader } from './token-reader.ts'

const OPERAND_START: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'charConstant',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])

/** Parses what stands inside the braces, and knows which variables are in sight there. */
export class PipelineParser {
  readonly #reader: TokenReader
  readonly #isFunction: (name: string) => boolean
  #variables: string[] = ['$']

  constructor(reader: TokenReader, isFunction: (name: string) => boolean) {
    this.#reader = reader
    this.#isFunction = isFunction
  }

  /** Runs `parse`, then forgets the variables it declared. */
  inBlock<T>(parse: () => T): T {
    const outer = this.#variables.length
    const result = parse()
    this.#variables.length = outer
    return result
  }

  /** Runs `parse` with no variable but `$` in sight. */
  inTemplate<T>(parse: () => T): T {
    const outer = this.#variables
    this.#variables = ['$']
    const result = parse()
    this.#variables = outer
    return result
  }

  /** Reads up to and including `end`; `context` is what errors call the place. */
  pipeline(context: string, end: 'right' | 'rightParen'): Pipeline {
    const { offset } = this.#reader.peekNonSpace()
    const { declares, isAssignment } = this.#declarations(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.#reader.peekNonSpace()
      if (token.kind === end) break
      if (!OPERAND_START.has(token.kind)) {
        this.#reader.nextNonSpace()
        return this.#reader.unexpected(token, context)
      }
      commands.push(this.#command())
    }
    this.#reader.nextNonSpace()
    this.#checkPipeline(commands, context)
    return { kind: 'pipeline', offset, declares, isAssignment, commands }
  }

  #declarations(context: string): { declares: string[]; isAssignment: boolean } {
    const declares: string[] = []
    for (;;) {
      const start = this.#reader.mark()
      const variable = this.#reader.peekNonSpace()
      if (variable.kind !== 'variable') return { declares, isAssignment: false }
      this.#reader.nextNonSpace()
      const next = this.#reader.peekNonSpace()
      if (next.kind === 'assign' || next.kind === 'declare') {
        this.#reader.nextNonSpace()
        declares.push(variable.text)
        this.#variables.push(variable.text)
        return { declares, isAssignment: next.kind === 'assign' }
      }
      if (next.kind !== 'char' || next.text !== ',') {
        this.#reader.backTo(start)
        return { declares, isAssignment: false }
      }
      this.#reader.nextNonSpace()
      declares.push(variable.text)
      this.#variables.push(variable.text)
      this.#checkSecondVariable(context, declares.length)
    }
  }

  #checkSecondVariable(context: string, count: number): void {
    if (context !== 'range' || count >= 2) this.#reader.fail(`too many declarations in ${context}`)
    const { kind } = this.#reader.peekNonSpace()
    if (kind !== 'variable' && kind !== 'right' && kind !== 'rightParen') {
      this.#reader.fail('range can only initialize variables')
    }
  }

  #checkPipeline(commands: readonly Command[], context: string): void {
    if (commands.length === 0) this.#reader.fail(`missing value for ${context}`)
    for (const [index, command] of commands.entries()) {
      const kind = command.operands[0]?.kind
      const isValue =
        kind === 'bool' ||
        kind === 'dot' ||
        kind === 'nil' ||
        kind === 'number' ||
        kind === 'string'
      if (index > 0 && isValue) {
        this.#reader.fail(`non executable command in pipeline stage ${index + 1}`)
      }
    }
  }

  #command(): Command {
    const { offset } = this.#reader.peekNonSpace()
    const operands: Operand[] = []
    for (;;) {
      this.#reader.peekNonSpace()
      const operand = this.#operand()
      if (operand !== undefined) operands.push(operand)
      const token = this.#reader.take()
      if (token.kind === 'space') continue
      if (token.kind === 'right' || token.kind === 'rightParen') this.#reader.backUp()
      else if (token.kind !== 'pipe') this.#reader.unexpected(token, 'operand')
      break
    }
    if (operands.length === 0) this.#reader.fail('empty command')
    return { offset, operands }
  }

  #operand(): Operand | undefined {
    const base = this.#term()
    if (base === undefined || this.#reader.peek().kind !== 'field') return base
    const { offset } = this.#reader.peek()
    const names: string[] = []
    while (this.#reader.peek().kind === 'field') names.push(this.#reader.take().text.slice(1))
    switch (base.kind) {
      case 'field':
      case 'variable':
        return { kind: base.kind, offset, names: [...base.names, ...names] }
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.#reader.fail(`unexpected . after term ${quoteGo(describe(base))}`)
      default:
        return { kind: 'chain', offset, base, names }
    }
  }

  #term(): Operand | undefined {
    const token = this.#reader.nextNonSpace()
    const { offset, text } = token
    switch (token.kind) {
      case 'identifier':
        if (!this.#isFunction(text)) this.#reader.fail(`function ${quoteGo(text)} not defined`)
        return { kind: 'identifier', offset, name: text }
      case 'dot':
      case 'nil':
        return { kind: token.kind, offset }
      case 'variable':
        if (!this.#variables.includes(text))
          this.#reader.fail(`undefined variable ${quoteGo(text)}`)
        return { kind: 'variable', offset, names: [text] }
      case 'field':
        return { kind: 'field', offset, names: [text.slice(1)] }
      case 'bool':
        return { kind: 'bool', offset, value: text === 'true' }
      case 'number':
        return (
          parseNumber(text, offset) ?? this.#reader.fail(`illegal number syntax: ${quoteGo(text)}`)
        )
      case 'charConstant':
        return (
          parseCharacter(text, offset) ?? this.#reader.fail(`malformed character constant: ${text}`)
        )
      case 'leftParen':
        return this.pipeline('parenthesized pipeline', 'rightParen')
      case 'string':
      case 'rawString':
        return {
          kind: 'string',
          offset,
          text,
          value: unquote(text) ?? this.#reader.fail('invalid syntax'),
        }
      default:
        this.#reader.backUp()
        return undefined
    }
  }
}
