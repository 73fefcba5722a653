import type { ArithmeticOperator } from '../language/ast.ts'
import type { Machine } from './machine.ts'
import { numberText, parseNumber } from './number.ts'
import { Table } from './table.ts'
import { isFunction, type Running, typeName, Userdata, type Value } from './values.ts'

const EVENTS: Readonly<Record<ArithmeticOperator, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '^': 'pow',
}

export const isTrue = (value: Value): boolean => value !== undefined && value !== false

/** What arithmetic takes: numbers, and texts that are numbers. */
export const asNumber = (value: Value): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'string' ? parseNumber(value) : undefined

/** What `..` takes: texts and numbers. */
export const asText = (value: Value): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? numberText(value) : undefined

function compute(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return modulo(left, right)
    case '^':
      return left ** right
  }
}

/** The remainder with the sign of the divisor. */
export function modulo(left: number, right: number): number {
  const rest = left % right
  return (right > 0 && rest < 0) || (right < 0 && rest > 0) ? rest + right : rest
}

/** Reading texts as numbers takes longer than adding them. */
const STEPS_OF_NUMERAL = 16

/** Where the operands are no two numbers. */
export function* arithmetic(
  machine: Machine,
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
): Running<Value> {
  const event = EVENTS[operator]
  const handler = binaryHandler(machine, `__${event}`, left, right)
  if (isFunction(handler)) return (yield* machine.call(handler, [left, right]))[0]
  machine.steps -= STEPS_OF_NUMERAL
  const [one, other] = [asNumber(left), asNumber(right)]
  if (one !== undefined && other !== undefined) return compute(operator, one, other)
  return machine.fail(
    `cannot perform ${event} operation between ${typeName(one ?? left)} and ${typeName(other ?? right)}`,
  )
}

const binaryHandler = (machine: Machine, event: string, left: Value, right: Value): Value =>
  machine.metamethod(left, event) ?? machine.metamethod(right, event)

export function* negate(machine: Machine, value: Value): Running<Value> {
  const handler = machine.metamethod(value, '__unm')
  if (isFunction(handler)) return (yield* machine.call(handler, [value]))[0]
  const number = asNumber(value)
  return number === undefined ? machine.fail('__unm undefined') : -number
}

export function* lengthOf(machine: Machine, value: Value): Running<Value> {
  if (typeof value === 'string') return value.length
  const handler = machine.metamethod(value, '__len')
  if (isFunction(handler)) return (yield* machine.call(handler, [value]))[0]
  return value instanceof Table ? value.length : machine.fail('__len undefined')
}

/** Where the operands are no two texts. */
export function* concat(machine: Machine, left: Value, right: Value): Running<Value> {
  const [one, other] = [asText(left), asText(right)]
  if (one !== undefined && other !== undefined) return machine.join(one, other)
  const handler = binaryHandler(machine, '__concat', left, right)
  if (isFunction(handler)) return (yield* machine.call(handler, [left, right]))[0]
  return machine.fail(
    `cannot perform concat operation between ${typeName(left)} and ${typeName(right)}`,
  )
}

/** Of two tables or two userdata that are not the same. */
export function* equals(machine: Machine, left: Value, right: Value): Running<boolean> {
  const isPair =
    (left instanceof Table && right instanceof Table) ||
    (left instanceof Userdata && right instanceof Userdata)
  return isPair && (yield* rational(machine, '__eq', left, right)) === true
}

export function* less(machine: Machine, left: Value, right: Value): Running<boolean> {
  if (typeof left === 'string' && typeof right === 'string') {
    machine.compared(left)
    return left < right
  }
  if (typeof left === 'number' && typeof right === 'number') return left < right
  if (typeName(left) !== typeName(right)) return cannotCompare(machine, left, right)
  return (yield* rational(machine, '__lt', left, right)) ?? cannotCompare(machine, left, right)
}

export function* lessOrEqual(machine: Machine, left: Value, right: Value): Running<boolean> {
  if (typeof left === 'string' && typeof right === 'string') {
    machine.compared(left)
    return left <= right
  }
  if (typeof left === 'number' && typeof right === 'number') return left <= right
  if (typeName(left) !== typeName(right)) return cannotCompare(machine, left, right)
  const answer = yield* rational(machine, '__le', left, right)
  if (answer !== undefined) return answer
  const reverse = yield* rational(machine, '__lt', right, left)
  return reverse === undefined ? cannotCompare(machine, right, left) : !reverse
}

const cannotCompare = (machine: Machine, left: Value, right: Value): never =>
  machine.fail(`attempt to compare ${typeName(left)} with ${typeName(right)}`)

/** What the metamethod that both operands share says. */
function* rational(
  machine: Machine,
  event: string,
  left: Value,
  right: Value,
): Running<boolean | undefined> {
  const handler = machine.metamethod(left, event)
  if (!isFunction(handler) || handler !== machine.metamethod(right, event)) return undefined
  return isTrue((yield* machine.call(handler, [left, right]))[0])
}
