import { linearPattern } from '../../../pipe/linear-pattern.ts'
import { isNegativeLiteral, literalValue } from './check.ts'
import type { Spend } from './equal.ts'
import { FUNCTIONS, TEXT_METHODS } from './functions.ts'
import { and, choose, or } from './logic.ts'
import { loop } from './loop.ts'
import { literalMap } from './maps.ts'
import { matchAny } from './matches.ts'
import { COMPARISONS, OPERATORS } from './operators.ts'
import { call } from './overload.ts'
import { indexed, selected } from './select.ts'
import { argumentsOf, hasOf, macroOf, type Node, rootOf, typeNamed } from './syntax.ts'
import { TIME_METHODS } from './time-methods.ts'
import { EvaluationError, ListValue, noOverload, type Value } from './values.ts'

/** The values of one evaluation. */
export type Frame = {
  /** `undefined` for a name that is not bound now. */
  readonly variable: (name: string) => Value | undefined
  /** What loops are at. */
  readonly locals: Value[]
  readonly spend: Spend
}
export type Program = (frame: Frame) => Value

/** Where the expression stands, and the loop variables around a node, outermost first. */
export type Scope = { readonly path: string; readonly locals: readonly string[] }

/** Turns a checked expression into a function. */
export function compile(node: Node, scope: Scope): Program {
  const compiled = (child: Node): Program => compile(child, scope)
  switch (node.op) {
    case 'value': {
      const value = literalValue(node.args)
      return () => value
    }
    case 'id':
      return reference(node, scope)
    case '.': {
      const type = scope.locals.includes(rootOf(node)) ? undefined : typeNamed(node)
      if (type !== undefined) return () => type
      const operand = compiled(node.args[0])
      const [, field] = node.args
      return (frame) => selected(operand(frame), field)
    }
    case '[]': {
      const [operand, key] = [compiled(node.args[0]), compiled(node.args[1])]
      return (frame) => indexed(operand(frame), key(frame))
    }
    case 'list': {
      const items = node.args.map(compiled)
      return (frame) => ListValue.of(items.map((item) => item(frame)))
    }
    case 'map': {
      const entries = node.args.map(([key, item]) => [compiled(key), compiled(item)] as const)
      return (frame) => literalMap(entries.map(([key, item]) => [key(frame), item(frame)]))
    }
    case '?:':
      return choose(compiled(node.args[0]), compiled(node.args[1]), compiled(node.args[2]))
    case '&&':
      return and(compiled(node.args[0]), compiled(node.args[1]))
    case '||':
      return or(compiled(node.args[0]), compiled(node.args[1]))
    case '!_':
    case '-_':
      return isNegativeLiteral(node) ? () => MIN_INT : operator(node.op, [compiled(node.args)])
    case 'call':
    case 'rcall':
      return called(node, scope)
    default:
      return binary(node, compiled)
  }
}

const MIN_INT = -(2n ** 63n)

function reference(node: Node, { locals }: Scope): Program {
  const name = String(node.args)
  const slot = locals.lastIndexOf(name)
  if (slot >= 0) return (frame) => frame.locals[slot] as Value
  const type = typeNamed(node)
  if (type !== undefined) return () => type
  return (frame) => {
    const value = frame.variable(name)
    if (value === undefined) throw new EvaluationError(`no such attribute(s): ${name}`)
    return value
  }
}

function binary(node: Node, compiled: (child: Node) => Program): Program {
  const [left, right] = node.args as [Node, Node]
  const [one, other] = [compiled(left), compiled(right)]
  const comparison = COMPARISONS.get(node.op)
  if (comparison === undefined) return operator(node.op, [one, other])
  return (frame) => comparison.holds(one(frame), other(frame), frame.spend)
}

function operator(sign: string, args: readonly Program[]): Program {
  const overloads = OPERATORS.get(sign) ?? []
  return (frame) =>
    call(
      overloads,
      args.map((argument) => argument(frame)),
      frame,
      sign,
    )
}

function called(node: Node, scope: Scope): Program {
  const has = hasOf(node)
  if (has !== undefined) {
    const operand = compile(has.operand, scope)
    return (frame) => selected(operand(frame), has.field, true) !== undefined
  }
  const macro = macroOf(node)
  if (macro !== undefined) {
    const inner = { ...scope, locals: [...scope.locals, macro.variable] }
    return loop(macro.name, {
      range: compile(macro.range, scope),
      slot: scope.locals.length,
      steps: macro.steps.map((step) => compile(step, inner)),
    })
  }
  const [name] = node.args as [string, ...unknown[]]
  const nodes = argumentsOf(node)
  if (name === 'matches') return matching(nodes, scope)
  const args = nodes.map((argument) => compile(argument, scope))
  const tables = node.op === 'call' ? [FUNCTIONS] : [TEXT_METHODS, TIME_METHODS]
  const overloads = tables.flatMap((table) => table.get(name) ?? [])
  return (frame) =>
    call(
      overloads,
      args.map((argument) => argument(frame)),
      frame,
      name,
    )
}

/** A pattern written in the expression is compiled once. */
function matching([textNode, patternNode]: readonly Node[], scope: Scope): Program {
  const text = compile(textNode as Node, scope)
  const source = compile(patternNode as Node, scope)
  const literal = patternNode?.op === 'value' ? patternNode.args : undefined
  const matches = matchAny()
  const pattern = typeof literal === 'string' ? linearPattern(literal, scope.path) : undefined
  return (frame) => {
    const [subject, wanted] = [text(frame), source(frame)]
    if (typeof subject !== 'string' || typeof wanted !== 'string') throw noOverload('matches')
    frame.spend(subject.length)
    return pattern === undefined ? matches(subject, wanted, frame.spend) : pattern(subject)
  }
}
