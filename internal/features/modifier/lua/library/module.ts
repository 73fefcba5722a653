import type { Machine } from '../machine/machine.ts'
import { asText } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import {
  Caller,
  isFunction,
  type Running,
  Userdata,
  type Value,
  type Values,
} from '../machine/values.ts'
import { textOf } from './arguments.ts'
import type { Library } from './library.ts'

/** What stands for a module while it is loaded, and after it has failed to. */
const LOADING = new Userdata(undefined, undefined)

function* require(machine: Machine, args: Values): Running<Values> {
  const name = textOf(machine, args, 1)
  const { loaded } = machine.surroundings.modules
  const known = loaded.text(name)
  if (known === LOADING) machine.fail(`loop or previous error loading module: ${name}`)
  if (known !== undefined && known !== false) return [known]
  const load = yield* loaderOf(machine, name)
  machine.rawSet(loaded, name, LOADING)
  const result = (yield* machine.callback(load, [name]))[0]
  if (loaded.text(name) === LOADING) machine.rawSet(loaded, name, result ?? true)
  return [loaded.text(name)]
}

/** The function that loads a module: each of `package.loaders` is asked. */
function* loaderOf(machine: Machine, name: string): Running<Value> {
  const { loaders } = machine.surroundings.modules
  const reasons: string[] = []
  for (let place = 1; ; place++) {
    const loader = loaders.get(place)
    if (loader === undefined)
      return machine.fail(`module ${name} not found:\n\t${reasons.join('\n\t')}, `)
    const answer = (yield* machine.callback(loader, [name]))[0]
    if (isFunction(answer)) return answer
    const reason = asText(answer)
    if (reason !== undefined) reasons.push(reason)
    if (--machine.steps < 0) yield* machine.refuel()
  }
}

/** The table `a.b.c` inside of the globals, made where there is none. */
function tableNamed(machine: Machine, name: string): Table {
  let inside = machine.globals
  for (const part of name.split('.')) {
    const found = inside.text(part)
    if (found !== undefined && !(found instanceof Table))
      return machine.fail(`name conflict for module: ${name}`)
    const table = found ?? machine.table()
    if (found === undefined) machine.rawSet(inside, part, table)
    inside = table
  }
  return inside
}

/** Lua 5.1's `module(name, ...)`: from here on the function that calls has the module's table as its globals. */
function* declare(machine: Machine, args: Values): Running<Values> {
  const name = textOf(machine, args, 1)
  const { loaded } = machine.surroundings.modules
  const known = loaded.text(name)
  const module = known instanceof Table ? known : tableNamed(machine, name)
  machine.rawSet(loaded, name, module)
  if ((yield* machine.index(module, '_NAME')) === undefined) describe(machine, module, name)
  const caller = machine.thread.frames[machine.thread.depth - 1]?.self
  if (caller === undefined || machine.at.isInLibrary === true)
    return machine.fail('module() can not be called from GFunctions.')
  caller.env = module
  for (const change of args.slice(1)) yield* machine.callback(change, [module])
  return [module]
}

function describe(machine: Machine, module: Table, name: string): void {
  machine.rawSet(module, '_M', module)
  machine.rawSet(module, '_NAME', name)
  machine.rawSet(module, '_PACKAGE', name.slice(0, name.lastIndexOf('.') + 1))
}

/** Functions that load and declare modules. */
export const MODULE: Library = {
  module: new Caller(declare),
  require: new Caller(require),
}
