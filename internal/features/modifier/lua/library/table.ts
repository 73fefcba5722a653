import { LONGEST_TEXT, outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { asText, isTrue, less } from '../machine/operators.ts'
import type { Table } from '../machine/table.ts'
import {
  Caller,
  Native,
  NONE,
  type Running,
  typeName,
  type Value,
  type Values,
} from '../machine/values.ts'
import { anyOf, functionOf, tableOf, textOf, wholeOf } from './arguments.ts'
import type { Library } from './library.ts'

function* concat(machine: Machine, args: Values): Running<Values> {
  const table = tableOf(machine, args, 1)
  const separator = textOf(machine, args, 2, '')
  const { length } = table
  const start = wholeOf(machine, args, 3, 1)
  if (args.length === 3 && (start > length || start < 1)) return ['']
  const end = Math.min(wholeOf(machine, args, 4, length), length)
  const pieces: string[] = []
  let size = 0
  for (let place = Math.max(Math.min(start, length), 1); place <= end; place++) {
    const value = table.get(place)
    const text =
      asText(value) ??
      machine.fail(`invalid value (${typeName(value)}) at index ${place} in table for concat`)
    size += text.length + separator.length
    if (size > LONGEST_TEXT) throw outOf('memory')
    pieces.push(text)
    if (typeof value === 'number') machine.steps -= STEPS_OF_NUMBER
    if (--machine.steps < 0) yield* machine.refuel()
  }
  machine.takeText(size)
  return [pieces.join(separator)]
}

/** Printing one takes its time. */
const STEPS_OF_NUMBER = 8

function insert(machine: Machine, args: Values): Values {
  const table = tableOf(machine, args, 1)
  if (args.length === 1) machine.fail('wrong number of arguments')
  if (args.length === 2) machine.rawSet(table, table.length + 1, args[1])
  else insertAt(machine, table, wholeOf(machine, args, 2), anyOf(machine, args, 3))
  return NONE
}

function insertAt(machine: Machine, table: Table, place: number, value: Value): void {
  const { length } = table
  if (place > length || place <= 0) return machine.rawSet(table, place, value)
  machine.budget.take(COST_OF_PLACE)
  machine.steps -= (length - place) >> 6
  table.list.splice(place - 1, 0, value)
}
const COST_OF_PLACE = 8

function remove(machine: Machine, args: Values): Values {
  const { length, list } = tableOf(machine, args, 1)
  const place = args.length === 1 ? length : wholeOf(machine, args, 2)
  if (length === 0 || place > length) return [undefined]
  if (place <= 0) return [list.pop()]
  machine.steps -= (length - place) >> 6
  return list.splice(place - 1, 1)
}

/** Sorts by merging, so that an order that contradicts itself ends too. */
export function* sorted(machine: Machine, values: Values, order: Value): Running<Values> {
  if (values.length < 2) return values
  const middle = values.length >> 1
  const left = yield* sorted(machine, values.slice(0, middle), order)
  const right = yield* sorted(machine, values.slice(middle), order)
  const merged: Value[] = []
  let at = 0
  for (const value of right) {
    while (at < left.length && !(yield* isBefore(machine, value, left[at], order)))
      merged.push(left[at++])
    merged.push(value)
  }
  return [...merged, ...left.slice(at)]
}

function* isBefore(machine: Machine, one: Value, other: Value, order: Value): Running<boolean> {
  if (--machine.steps < 0) yield* machine.refuel()
  if (order === undefined) return yield* less(machine, one, other)
  return isTrue((yield* machine.callback(order, [one, other]))[0])
}

/** `table`: with and without `allow_open_libs`. */
export const TABLE: Library = {
  concat: new Caller(concat),
  getn: new Native((machine, args) => [tableOf(machine, args, 1).length]),
  insert: new Native(insert),
  maxn: new Native((machine, args) => [tableOf(machine, args, 1).length]),
  remove: new Native(remove),
  sort: new Caller(function* sort(machine, args) {
    const table = tableOf(machine, args, 1)
    const order = args.length === 1 ? undefined : functionOf(machine, args, 2)
    machine.budget.take(16 * table.length)
    table.list = [...(yield* sorted(machine, table.list, order))]
    return NONE
  }),
}
