/** A template file: its base name, as errors print it, and its text. */
export type Source = { readonly name: string; readonly path: string; readonly text: string }

/** What stands in a command: a value or something to call. */
export type Operand =
  | { readonly kind: 'field'; readonly offset: number; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly offset: number; readonly names: readonly string[] }
  | {
      readonly kind: 'chain'
      readonly offset: number
      readonly base: Operand
      readonly names: readonly string[]
    }
  | { readonly kind: 'identifier'; readonly offset: number; readonly name: string }
  | { readonly kind: 'dot'; readonly offset: number }
  | { readonly kind: 'nil'; readonly offset: number }
  | { readonly kind: 'bool'; readonly offset: number; readonly value: boolean }
  | {
      readonly kind: 'string'
      readonly offset: number
      readonly text: string
      readonly value: string
    }
  | NumberOperand
  | Pipeline

/** A number literal: `int` when it can be an integer, `isIdealFloat` when it is a float where both fit. */
export type NumberOperand = {
  readonly kind: 'number'
  readonly offset: number
  readonly text: string
  readonly int: bigint | undefined
  readonly float: number
  readonly isIdealFloat: boolean
}

export type Command = { readonly offset: number; readonly operands: readonly Operand[] }

export type Pipeline = {
  readonly kind: 'pipeline'
  readonly offset: number
  readonly declares: readonly string[]
  readonly isAssignment: boolean
  readonly commands: readonly Command[]
}

/** `if`, `with` and `range` have the same parts. */
export type Branch = {
  readonly kind: 'if' | 'with' | 'range'
  readonly offset: number
  readonly pipeline: Pipeline
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[] | undefined
}

export type Node =
  | { readonly kind: 'text'; readonly offset: number; readonly text: string }
  | { readonly kind: 'action'; readonly offset: number; readonly pipeline: Pipeline }
  | { readonly kind: 'break' | 'continue'; readonly offset: number }
  | {
      readonly kind: 'template'
      readonly offset: number
      readonly name: string
      readonly pipeline: Pipeline | undefined
    }
  | Branch

/** One named template; several can come from one source (`define`, `block`). */
export type Template = {
  readonly name: string
  readonly source: Source
  readonly nodes: readonly Node[]
}

/** An operand or pipeline in Go's normal form, as errors quote it. */
export function describe(node: Operand): string {
  switch (node.kind) {
    case 'field':
      return node.names.map((name) => `.${name}`).join('')
    case 'variable':
      return node.names.join('.')
    case 'chain':
      return `${inParentheses(node.base)}${node.names.map((name) => `.${name}`).join('')}`
    case 'identifier':
      return node.name
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'string':
    case 'number':
      return node.text
    case 'pipeline':
      return describePipeline(node)
  }
}

/** A command in Go's normal form. */
export function describeCommand(command: Command): string {
  return command.operands.map(inParentheses).join(' ')
}

function inParentheses(node: Operand): string {
  return node.kind === 'pipeline' ? `(${describePipeline(node)})` : describe(node)
}

function describePipeline(pipeline: Pipeline): string {
  const operator = pipeline.isAssignment ? '=' : ':='
  const declares =
    pipeline.declares.length === 0 ? '' : `${pipeline.declares.join(', ')} ${operator} `
  return declares + pipeline.commands.map(describeCommand).join(' | ')
}

/** What is evaluated last in a pipeline. */
export function lastOperand(pipeline: Pipeline): Operand {
  const operand = pipeline.commands.at(-1)?.operands.at(-1)
  if (operand === undefined) return pipeline
  return operand.kind === 'pipeline' ? lastOperand(operand) : operand
}
