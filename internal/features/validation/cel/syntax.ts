import { createRequire } from 'node:module'
import type { ASTNode } from '@marcbachmann/cel-js'
import { TypeValue } from './values.ts'

/** One node of a parsed expression: `op` says what, `args` of what. */
export type Node = ASTNode

/** An expression that is none, or whose types cannot work. */
export class ExpressionError extends Error {}

/** Only configurations with expressions pay for the library. */
const load = createRequire(import.meta.url)

/** Parses an expression; throws an `ExpressionError` that says where it ends to be one. */
export function parseExpression(source: string): Node {
  const { Environment } = load('@marcbachmann/cel-js') as typeof import('@marcbachmann/cel-js')
  try {
    return new Environment().parse(source).ast
  } catch (cause) {
    const { summary, message } = cause as { readonly summary?: string; readonly message: string }
    throw new ExpressionError(`syntax error: ${summary ?? message}`, { cause })
  }
}

/** The names that are types themselves. */
export const TYPE_VALUES: ReadonlyMap<string, TypeValue> = new Map(
  [
    ...['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type'],
    ...['google.protobuf.Timestamp', 'google.protobuf.Duration'],
  ].map((name) => [name, new TypeValue(name)]),
)

/** The type that a name (`int`, `google.protobuf.Duration`) stands for. */
export function typeNamed(node: Node): TypeValue | undefined {
  const name = dotted(node)
  return name === undefined ? undefined : TYPE_VALUES.get(name)
}

/** The name that a chain of fields starts with; `''` when it starts with something else. */
export function rootOf(node: Node): string {
  if (node.op === '.') return rootOf(node.args[0])
  return node.op === 'id' ? node.args : ''
}

/** What a call is given; of a method, what it belongs to comes first. */
export function argumentsOf(node: Node): readonly Node[] {
  if (node.op === 'call') return node.args[1]
  return node.op === 'rcall' ? [node.args[1], ...node.args[2]] : []
}

function dotted(node: Node): string | undefined {
  if (node.op === 'id') return node.args
  if (node.op !== '.') return undefined
  const before = dotted(node.args[0])
  return before === undefined ? undefined : `${before}.${node.args[1]}`
}

export const MACROS = ['all', 'exists', 'exists_one', 'map', 'filter'] as const
/** A loop over a list or the keys of a map: `range.name(variable, ...steps)`. */
export type Macro = {
  readonly name: (typeof MACROS)[number]
  readonly range: Node
  readonly variable: string
  readonly steps: readonly Node[]
}

/** The loop that a call is; `undefined` for other calls. */
export function macroOf(node: Node): Macro | undefined {
  if (node.op !== 'rcall') return undefined
  const [called, range, [variable, ...steps]] = node.args
  const name = MACROS.find((macro) => macro === called)
  const isWhole = steps.length === 1 || (name === 'map' && steps.length === 2)
  if (name === undefined || variable?.op !== 'id' || !isWhole) return undefined
  return { name, range, variable: variable.args, steps }
}

/** What `has(operand.field)` asks; `undefined` for other calls. */
export function hasOf(node: Node): { readonly operand: Node; readonly field: string } | undefined {
  if (node.op !== 'call' || node.args[0] !== 'has') return undefined
  const [argument] = node.args[1]
  if (argument?.op !== '.') throw new ExpressionError('has() asks for a field: has(resp_data.name)')
  return { operand: argument.args[0], field: argument.args[1] }
}
