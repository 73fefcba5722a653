import { isRawNumber } from '../../../decode/numbers.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import type { Comparison, Node } from './ast.ts'
import { type Argument, FUNCTIONS, isSame, numberOf, typeOf } from './functions.ts'
import { JmespathError } from './lexer.ts'
import { parseJmespath } from './parser.ts'

/** Searches a value. Throws a `JmespathError` where a function gets what it cannot take. */
export type Search = (value: JsonValue) => JsonValue

/** Compiles a JMESPath expression. Throws a `JmespathError` that says what is wrong with it. */
export const jmespath = (source: string): Search => compile(parseJmespath(source))

function compile(node: Node): Search {
  switch (node.op) {
    case 'current':
      return (value) => value
    case 'literal':
      return () => node.value
    case 'field':
      return (value) => field(value, node.name)
    case 'index':
      return (value) => (Array.isArray(value) ? (value.at(node.index) ?? null) : null)
    case 'slice':
      return (value) => (Array.isArray(value) ? sliced(value, node) : null)
    case 'chain':
      return chain(compile(node.left), compile(node.right))
    case 'and':
    case 'or':
      return either(node.op === 'or', compile(node.left), compile(node.right))
    case 'not':
      return not(compile(node.of))
    case 'flatten':
      return flatten(compile(node.of))
    case 'reference':
      throw new JmespathError('an expression (&...) stands where no function takes it')
    case 'project':
      return project(compile(node.left), compile(node.right))
    case 'values':
      return projectValues(compile(node.left), compile(node.right))
    case 'filter':
      return filter(compile(node.left), compile(node.condition), compile(node.right))
    case 'list':
      return list(node.items.map(compile))
    case 'hash':
      return hash(node.members.map(([name, each]) => [name, compile(each)] as const))
    case 'compare':
      return compared(node.how, compile(node.left), compile(node.right))
    case 'call':
      return call(node.name, node.args)
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)

const field = (value: JsonValue, name: string): JsonValue =>
  isObject(value) && Object.hasOwn(value, name) ? (value[name] as JsonValue) : null

/** Whether JMESPath takes a value for true: all but null, false, and what is empty. */
const isTrue = (value: JsonValue): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : isObject(value)
      ? Object.keys(value).length > 0
      : value !== null && value !== false && value !== ''

const chain =
  (left: Search, right: Search): Search =>
  (value) =>
    right(left(value))

const either =
  (wantsTrue: boolean, left: Search, right: Search): Search =>
  (value) => {
    const first = left(value)
    return isTrue(first) === wantsTrue ? first : right(value)
  }

const not =
  (of: Search): Search =>
  (value) =>
    !isTrue(of(value))

const flatten =
  (of: Search): Search =>
  (value) => {
    const found = of(value)
    return Array.isArray(found) ? found.flat(1) : null
  }

const each = (items: readonly JsonValue[], right: Search): JsonValue[] =>
  items.map(right).filter((item) => item !== null)

const project =
  (left: Search, right: Search): Search =>
  (value) => {
    const found = left(value)
    return Array.isArray(found) ? each(found, right) : null
  }

const projectValues =
  (left: Search, right: Search): Search =>
  (value) => {
    const found = left(value)
    return isObject(found) ? each(Object.values(found), right) : null
  }

const filter =
  (left: Search, condition: Search, right: Search): Search =>
  (value) => {
    const found = left(value)
    if (!Array.isArray(found)) return null
    return each(
      found.filter((item) => isTrue(condition(item))),
      right,
    )
  }

const list =
  (items: readonly Search[]): Search =>
  (value) =>
    value === null ? null : items.map((item) => item(value))

const hash =
  (members: readonly (readonly [string, Search])[]): Search =>
  (value) =>
    value === null
      ? null
      : Object.fromEntries(members.map(([name, search]) => [name, search(value)]))

function compared(how: Comparison, left: Search, right: Search): Search {
  if (how === '==') return (value) => isSame(left(value), right(value))
  if (how === '!=') return (value) => !isSame(left(value), right(value))
  const holds = ORDERS[how]
  return (value) => {
    const one = left(value)
    const other = right(value)
    if (typeOf(one) !== 'number' || typeOf(other) !== 'number') return null
    return holds(numberOf(one), numberOf(other))
  }
}

const ORDERS = {
  '<': (one: number, other: number) => one < other,
  '<=': (one: number, other: number) => one <= other,
  '>': (one: number, other: number) => one > other,
  '>=': (one: number, other: number) => one >= other,
}

function call(name: string, nodes: readonly Node[]): Search {
  const args = nodes.map((node): ((value: JsonValue) => Argument) => {
    if (node.op !== 'reference') return compile(node)
    const search = compile(node.of)
    return () => search
  })
  const run = FUNCTIONS.get(name)?.run
  if (run === undefined) throw new JmespathError(`no function is called ${name}`)
  return (value) => run(args.map((arg) => arg(value)))
}

type Slice = Extract<Node, { readonly op: 'slice' }>

/** As in Python. */
function sliced(items: readonly JsonValue[], { start, stop, step }: Slice): JsonValue[] {
  const size = items.length
  const [first, last] = step > 0 ? [0, size] : [size - 1, -1]
  const bounded = (at: number | undefined, byDefault: number): number => {
    if (at === undefined) return byDefault
    const absolute = at < 0 ? at + size : at
    return step > 0
      ? Math.min(Math.max(absolute, 0), size)
      : Math.min(Math.max(absolute, -1), size - 1)
  }
  const end = bounded(stop, last)
  const found: JsonValue[] = []
  for (let at = bounded(start, first); step > 0 ? at < end : at > end; at += step)
    found.push(items[at] as JsonValue)
  return found
}
