import type { Machine } from '../machine/machine.ts'
import { Table } from '../machine/table.ts'
import {
  Closure,
  isFunction,
  Native,
  Userdata,
  type Value,
  type Values,
} from '../machine/values.ts'
import { anyOf, numberOf, tableOf } from './arguments.ts'
import type { Library } from './library.ts'

const STEPS_OF_SITE = 32

function traceback(machine: Machine, [message]: Values): Values {
  const { frames, depth } = machine.thread
  const sites = [
    machine.at,
    ...frames
      .slice(0, depth)
      .map(({ calledAt }) => calledAt)
      .reverse(),
  ]
  machine.steps -= STEPS_OF_SITE * sites.length
  const lines = sites.filter(({ line }) => line > 0)
  const texts = lines.map(({ chunk, line, name }) => `\t${chunk.name}:${line}: in ${name}`)
  const head = typeof message === 'string' ? [message] : []
  return [[...head, 'stack traceback:', ...texts].join('\n')]
}

function getInfo(machine: Machine, args: Values): Values {
  const [subject] = args
  const table = machine.table()
  const put = (name: string, value: Value): void => void table.set(name, value)
  if (isFunction(subject)) {
    put('func', subject)
    put('what', subject instanceof Closure ? 'Lua' : 'G')
    if (subject instanceof Closure) put('linedefined', subject.line)
    return [table]
  }
  const level = numberOf(machine, args, 1)
  const { frames, depth } = machine.thread
  const self = frames[depth - level]?.self
  if (self === undefined || level < 1 || level > depth) return [undefined]
  const site = level === 1 ? machine.at : (frames[depth - level + 1]?.calledAt ?? machine.at)
  put('func', self)
  put('what', level === depth ? 'main' : 'Lua')
  put('source', site.chunk.name)
  put('short_src', site.chunk.name)
  put('currentline', site.line)
  put('linedefined', self.line)
  return [table]
}

function setMetatable(_machine: Machine, [object, meta]: Values): Values {
  if (object instanceof Table || object instanceof Userdata)
    object.meta = meta instanceof Table ? meta : undefined
  return [object]
}

function setEnvironment(machine: Machine, args: Values): Values {
  const [subject] = args
  if (subject instanceof Closure) subject.env = tableOf(machine, args, 2)
  return [subject]
}

/** What of `debug` a gateway has a use for, with `allow_open_libs`. */
export const DEBUG: Library = {
  getfenv: new Native((machine, args) => {
    const subject = anyOf(machine, args, 1)
    return [subject instanceof Closure ? subject.env : machine.globals]
  }),
  getinfo: new Native(getInfo),
  getmetatable: new Native((machine, args) => [machine.metatable(anyOf(machine, args, 1))]),
  setfenv: new Native(setEnvironment),
  setmetatable: new Native(setMetatable),
  traceback: new Native(traceback),
}
