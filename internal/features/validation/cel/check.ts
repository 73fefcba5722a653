import { FUNCTIONS, TEXT_METHODS } from './functions.ts'
import { COMPARISONS, OPERATORS } from './operators.ts'
import { resultOf } from './overload.ts'
import {
  argumentsOf,
  ExpressionError,
  hasOf,
  type Macro,
  macroOf,
  type Node,
  rootOf,
  typeNamed,
} from './syntax.ts'
import { TIME_METHODS } from './time-methods.ts'
import { DYN, fits, join, listOf, mapOf, printType, type Type } from './types.ts'
import { kindOf, Uint, type Value } from './values.ts'

/** What is known of each name. */
export type Names = ReadonlyMap<string, Type>

const BOOL: Type = { kind: 'bool' }
const STRING: Type = { kind: 'string' }

/** The type of an expression, as cel-go's checker finds it; throws an `ExpressionError` where types cannot work. */
export function check(node: Node, names: Names): Type {
  const typed = (child: Node): Type => check(child, names)
  switch (node.op) {
    case 'value':
      return { kind: kindOf(literalValue(node.args)) }
    case 'id':
      return named(node, names)
    case '.':
      return typeNamed(node) === undefined || names.has(rootOf(node))
        ? select(typed(node.args[0]), node.args[1])
        : { kind: 'type' }
    case '[]':
      return index(typed(node.args[0]), typed(node.args[1]))
    case 'list':
      return listOf(join(node.args.map(typed)))
    case 'map':
      return mapOf(
        join(node.args.map(([key]) => typed(key))),
        join(node.args.map(([, item]) => typed(item))),
      )
    case '?:':
      return choice(typed(node.args[0]), typed(node.args[1]), typed(node.args[2]))
    case '&&':
    case '||':
      for (const side of node.args) demand(BOOL, typed(side), node.op)
      return BOOL
    case '!_':
    case '-_':
      return isNegativeLiteral(node) ? { kind: 'int' } : operator(node.op, [typed(node.args)])
    case 'call':
    case 'rcall':
      return callType(node, names)
    default:
      return binary(node, names)
  }
}

function binary(node: Node, names: Names): Type {
  const sides = (node.args as readonly Node[]).map((side) => check(side, names))
  const [one = DYN, other = DYN] = sides
  const comparison = COMPARISONS.get(node.op)
  if (comparison === undefined) return operator(node.op, sides)
  if (!comparison.accepts(one, other)) throw noOverload(node.op, sides)
  return BOOL
}

function operator(sign: string, types: readonly Type[]): Type {
  const result = resultOf(OPERATORS.get(sign) ?? [], types)
  if (result === undefined) throw noOverload(sign, types)
  return result
}

function named(node: Node, names: Names): Type {
  const name = String(node.args)
  const known = names.get(name)
  if (known !== undefined) return known
  if (typeNamed(node) !== undefined) return { kind: 'type' }
  throw new ExpressionError(`undeclared reference to '${name}'`)
}

function select(operand: Type, field: string): Type {
  if (operand.kind === 'dyn') return DYN
  if (operand.kind === 'map') return operand.item ?? DYN
  throw new ExpressionError(`type '${printType(operand)}' has no field '${field}'`)
}

function index(operand: Type, key: Type): Type {
  if (operand.kind === 'dyn') return DYN
  const wanted: Type | undefined =
    operand.kind === 'list'
      ? { kind: 'int' }
      : operand.kind === 'map'
        ? (operand.key ?? DYN)
        : undefined
  if (wanted === undefined || !fits(wanted, key)) throw noOverload('_[_]', [operand, key])
  return operand.item ?? DYN
}

function choice(condition: Type, one: Type, other: Type): Type {
  if (!fits(BOOL, condition) || !fits(one, other))
    throw noOverload('_?_:_', [condition, one, other])
  return join([one, other])
}

function callType(node: Node, names: Names): Type {
  const has = hasOf(node)
  if (has !== undefined) {
    select(check(has.operand, names), has.field)
    return BOOL
  }
  const macro = macroOf(node)
  if (macro !== undefined) return macroType(macro, names)
  const [name] = node.args as [string, ...unknown[]]
  const types = argumentsOf(node).map((argument) => check(argument, names))
  return functionType(name, types, node.op === 'rcall')
}

function functionType(name: string, types: readonly Type[], isMethod: boolean): Type {
  if (name === 'matches') {
    if (types.length !== 2 || !types.every((type) => fits(STRING, type)))
      throw noOverload(name, types)
    return BOOL
  }
  const tables = isMethod ? [TEXT_METHODS, TIME_METHODS] : [FUNCTIONS]
  const overloads = tables.flatMap((table) => table.get(name) ?? [])
  if (overloads.length === 0)
    throw new ExpressionError(`undeclared reference to '${name}': no function of standard CEL`)
  const result = resultOf(overloads, types)
  if (result === undefined) throw noOverload(name, types)
  return result
}

function macroType({ name, range, variable, steps }: Macro, names: Names): Type {
  const over = check(range, names)
  if (over.kind !== 'list' && over.kind !== 'map' && over.kind !== 'dyn')
    throw new ExpressionError(`'${printType(over)}' cannot be the range of ${name}()`)
  const item = (over.kind === 'map' ? over.key : over.item) ?? DYN
  const inner = new Map([...names, [variable, item]])
  const types = steps.map((step) => check(step, inner))
  const conditions = name === 'map' ? types.slice(0, -1) : types
  for (const condition of conditions) demand(BOOL, condition, name)
  if (name === 'map') return listOf(types.at(-1) ?? DYN)
  return name === 'filter' ? listOf(item) : BOOL
}

function demand(wanted: Type, found: Type, where: string): void {
  if (!fits(wanted, found)) throw noOverload(where, [found])
}

const noOverload = (name: string, types: readonly Type[]): ExpressionError =>
  new ExpressionError(`no overload of '${name}' takes (${types.map(printType).join(', ')})`)

const MAX_INT = 2n ** 63n - 1n

/** `-9223372036854775808`: the one number whose digits do not fit without their sign. */
export const isNegativeLiteral = (node: Node): boolean =>
  node.op === '-_' && node.args.op === 'value' && node.args.args === MAX_INT + 1n

/** A literal as a value. */
export function literalValue(literal: unknown): Value {
  if (typeof literal === 'bigint' && literal > MAX_INT)
    throw new ExpressionError(`${literal} does not fit 64 bits`)
  if (typeof literal !== 'object' || literal === null || literal instanceof Uint8Array)
    return literal as Value
  return new Uint(BigInt(String(literal)))
}
