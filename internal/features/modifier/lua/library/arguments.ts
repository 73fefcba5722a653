import type { Machine } from '../machine/machine.ts'
import { asNumber, asText } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import { isFunction, typeName, type Value, type Values } from '../machine/values.ts'

/** Arguments are counted from 1, as messages name them. */
const at = (args: Values, position: number): Value => args[position - 1]

/** Refuses an argument in gopher-lua's words. */
export function badArgument(machine: Machine, position: number, reason: string): never {
  return machine.fail(`bad argument #${position} to ${machine.at.name} (${reason})`)
}

/** Refuses an argument of another type. */
export function wrongType(
  machine: Machine,
  args: Values,
  position: number,
  expected: string,
): never {
  const got = typeName(at(args, position))
  return badArgument(machine, position, `${expected} expected, got ${got}`)
}

/** Any value, also nil, but one must be there. */
export function anyOf(machine: Machine, args: Values, position: number): Value {
  if (position > args.length) badArgument(machine, position, 'value expected')
  return at(args, position)
}

export function numberOf(machine: Machine, args: Values, position: number): number {
  return asNumber(at(args, position)) ?? wrongType(machine, args, position, 'number')
}

/** A number without what stands behind its point. */
export function wholeOf(
  machine: Machine,
  args: Values,
  position: number,
  otherwise?: number,
): number {
  const value = at(args, position)
  if (value === undefined && otherwise !== undefined) return otherwise
  const number = asNumber(value) ?? wrongType(machine, args, position, 'number')
  return Number.isNaN(number) ? 0 : Math.trunc(number)
}

export function textOf(
  machine: Machine,
  args: Values,
  position: number,
  otherwise?: string,
): string {
  const value = at(args, position)
  if (typeof value === 'string') {
    // Who looks inside a text pays for what was put off when it was joined.
    machine.steps -= value.length >> 10
    return value
  }
  if (value === undefined && otherwise !== undefined) return otherwise
  return asText(value) ?? wrongType(machine, args, position, 'string')
}

export function flagOf(machine: Machine, args: Values, position: number): boolean {
  const value = at(args, position)
  return typeof value === 'boolean' ? value : wrongType(machine, args, position, 'boolean')
}

export function tableOf(machine: Machine, args: Values, position: number): Table {
  const value = at(args, position)
  return value instanceof Table ? value : wrongType(machine, args, position, 'table')
}

export function functionOf(machine: Machine, args: Values, position: number): Value {
  const value = at(args, position)
  return isFunction(value) ? value : wrongType(machine, args, position, 'function')
}
