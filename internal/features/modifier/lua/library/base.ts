import type { Machine } from '../machine/machine.ts'
import { LONGEST_NUMERAL, parseNumber } from '../machine/number.ts'
import { isTrue } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import {
  Caller,
  isFunction,
  LuaError,
  Native,
  NONE,
  type Running,
  typeName,
  Userdata,
  type Value,
  type Values,
} from '../machine/values.ts'
import { anyOf, badArgument, functionOf, tableOf, textOf, wholeOf } from './arguments.ts'
import type { Library } from './library.ts'
import { protectedly } from './protect.ts'

const nextPair = new Native((machine, args) => {
  const table = tableOf(machine, args, 1)
  return table.next(args[1], machine) ?? [undefined]
})

const nextPlace = new Native((machine, args) => {
  const place = wholeOf(machine, args, 2) + 1
  const value = tableOf(machine, args, 1).get(place)
  return value === undefined ? NONE : [place, value]
})

/** A value as text, by its `__tostring` when it has one. */
export function* printed(machine: Machine, value: Value): Running<string> {
  const handler = machine.metamethod(value, '__tostring')
  if (!isFunction(handler)) return machine.print(value)
  const text = (yield* machine.callback(handler, [value]))[0]
  return typeof text === 'string' ? text : machine.fail("'tostring' must return a string")
}

function toNumber(machine: Machine, args: Values): Value {
  const value = anyOf(machine, args, 1)
  if (typeof value !== 'string') return typeof value === 'number' ? value : undefined
  machine.steps -= Math.min(value.length, LONGEST_NUMERAL) >> 2
  if (args[1] === undefined || args[1] === 10) return parseNumber(value)
  const base = wholeOf(machine, args, 2)
  if (base < 2 || base > 36) return undefined
  if (value.length > LONGEST_NUMERAL) return undefined
  const digits = value.trim().toLowerCase()
  const found = (base === 16 ? HEX : DIGITS).exec(digits)
  if (found === null) return undefined
  const isValid = [...(found[2] as string)].every((digit) => Number.parseInt(digit, 36) < base)
  return isValid ? Number.parseInt(`${found[1]}${found[2]}`, base) : undefined
}

const DIGITS = /^(-?)([0-9a-z]+)$/
const HEX = /^(-?)(?:0x)?([0-9a-f]+)$/

function select(machine: Machine, args: Values): Values {
  const [first] = args
  if (first === '#') return [args.length - 1]
  if (typeof first !== 'number' && typeof first !== 'string')
    badArgument(machine, 1, `number or string expected, got ${typeName(first)}`)
  if (typeof first === 'string') return badArgument(machine, 1, `invalid string '${first}'`)
  const place = Math.trunc(first)
  if (place === 0 || place < -args.length) badArgument(machine, 1, 'index out of range')
  return args.slice(place < 0 ? args.length + place : place)
}

function setMetatable(machine: Machine, args: Values): Values {
  const [object, meta] = args
  if (meta !== undefined && !(meta instanceof Table))
    badArgument(machine, 2, `nil or table expected, got ${typeName(meta)}`)
  if (object === undefined) machine.fail('cannot set metatable to a nil object.')
  if (machine.metamethod(object, '__metatable') !== undefined)
    machine.fail('cannot change a protected metatable')
  if (object instanceof Table || object instanceof Userdata) object.meta = meta
  else if (typeof object === 'string') machine.textMeta = meta
  return [object]
}

function raise(machine: Machine, args: Values): never {
  const value = anyOf(machine, args, 1)
  const level = wholeOf(machine, args, 2, 1)
  if (typeof value !== 'string' || level <= 0) throw new LuaError(value, machine.at)
  throw new LuaError(`${machine.where(level)} ${value}`, machine.at)
}

function unpack(machine: Machine, args: Values): Values {
  const table = tableOf(machine, args, 1)
  const [start, end] = [wholeOf(machine, args, 2, 1), wholeOf(machine, args, 3, table.length)]
  const count = Math.max(0, end - start + 1)
  machine.takeValues(count)
  return Array.from({ length: count }, (_none, at) => table.get(start + at))
}

/** Without `allow_open_libs` too, as in KrakenD. */
export const BASE: Library = {
  /** gopher-lua's look at its registers: here are none. */
  _printregs: new Native(() => NONE),
  _VERSION: 'Lua 5.1',
  _GOPHER_LUA_VERSION: 'GopherLua 0.1',
  _G: (globals) => globals,
  assert: new Native((machine, args) => {
    if (isTrue(args[0])) return args
    return machine.fail(textOf(machine, args, 2, 'assertion failed!'))
  }),
  collectgarbage: new Native(() => [0]),
  error: new Native(raise),
  getmetatable: new Native((machine, args) => {
    const meta = machine.metatable(anyOf(machine, args, 1))
    return [meta?.text('__metatable') ?? meta]
  }),
  ipairs: new Native((machine, args) => [nextPlace, tableOf(machine, args, 1), 0]),
  next: nextPair,
  newproxy: new Native((_machine, [from]) => {
    const meta = from instanceof Userdata ? from.meta : from === true ? new Table() : undefined
    return [new Userdata(undefined, meta)]
  }),
  pairs: new Native((machine, args) => [nextPair, tableOf(machine, args, 1), undefined]),
  pcall: new Caller(function* pcall(machine, args) {
    const callee = anyOf(machine, args, 1)
    if (!isFunction(callee) && !isFunction(machine.metamethod(callee, '__call')))
      return [false, `attempt to call a ${typeName(callee)} value`]
    return yield* protectedly(machine, callee, args.slice(1))
  }),
  print: new Caller(function* print(machine, args) {
    const texts: string[] = []
    for (const value of args) texts.push(yield* printed(machine, value))
    const line = texts.join('\t')
    machine.takeText(line.length)
    machine.steps -= line.length >> 3
    machine.surroundings.print(line)
    return NONE
  }),
  rawequal: new Native((machine, args) => [anyOf(machine, args, 1) === anyOf(machine, args, 2)]),
  rawget: new Native((machine, args) => [tableOf(machine, args, 1).get(anyOf(machine, args, 2))]),
  rawset: new Native((machine, args) => {
    const table = tableOf(machine, args, 1)
    machine.rawSet(table, anyOf(machine, args, 2), anyOf(machine, args, 3))
    return [table]
  }),
  select: new Native(select),
  setmetatable: new Native(setMetatable),
  tonumber: new Native((machine, args) => [toNumber(machine, args)]),
  tostring: new Caller(function* tostring(machine, args) {
    const value = anyOf(machine, args, 1)
    const handler = machine.metamethod(value, '__tostring')
    return isFunction(handler) ? yield* machine.callback(handler, [value]) : [machine.print(value)]
  }),
  type: new Native((machine, args) => [typeName(anyOf(machine, args, 1))]),
  unpack: new Native(unpack),
  xpcall: new Caller(function* xpcall(machine, args) {
    const callee = functionOf(machine, args, 1)
    return yield* protectedly(machine, callee, NONE, functionOf(machine, args, 2))
  }),
}
