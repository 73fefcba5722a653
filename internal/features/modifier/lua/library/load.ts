import { existsSync, statSync } from 'node:fs'
import { SyntaxProblem } from '../language/syntax-error.ts'
import { outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { asText } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import {
  Caller,
  Closure,
  isFunction,
  Native,
  NONE,
  type Running,
  type Value,
  type Values,
} from '../machine/values.ts'
import { functionOf, tableOf, textOf, wholeOf } from './arguments.ts'
import { type Library, tableMaker } from './library.ts'
import { readFile } from './read-file.ts'

/** A function that runs `source`, or nil and what is wrong with it. */
function loaded(machine: Machine, source: string, chunkName: string): Values {
  machine.budget.take(COST_OF_CHUNK + COST_OF_SOURCE * source.length)
  machine.steps -= STEPS_OF_CHUNK + STEPS_OF_SOURCE * source.length
  try {
    return [new Closure(machine.globals, machine.surroundings.compile(source, chunkName), 0)]
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem
    return [undefined, `${chunkName} line:${problem.line}   ${problem.message}`]
  }
}
/** Compiling takes more memory than the text. */
const COST_OF_SOURCE = 32
const COST_OF_CHUNK = 4_096
/** A chunk takes a good millisecond, and each of its letters some microseconds. */
const STEPS_OF_CHUNK = 10_000
const STEPS_OF_SOURCE = 64
/** What is compiled in one go keeps others waiting for less than a quarter of a second. */
const LONGEST_SOURCE = 64 << 10

/** The same for a text that a script made. */
function loadedText(machine: Machine, source: string, chunkName: string): Values {
  if (source.length > LONGEST_SOURCE) throw outOf('memory')
  return loaded(machine, source, chunkName)
}

const readSource = (path: string): string | undefined =>
  existsSync(path) && statSync(path).isFile() ? readFile(path) : undefined

function loadFile(machine: Machine, path: string): Values {
  const source = readSource(path)
  return source === undefined
    ? [undefined, `can not open file: ${path}`]
    : loaded(machine, source, path)
}

function* load(machine: Machine, args: Values): Running<Values> {
  const reader = functionOf(machine, args, 1)
  let source = ''
  for (;;) {
    const piece = (yield* machine.callback(reader, NONE))[0]
    const text = asText(piece)
    if (piece === undefined || text === '')
      return loadedText(machine, source, textOf(machine, args, 2, '?'))
    if (text === undefined) return [undefined, 'reader function must return a string']
    source = machine.join(source, text)
    if (--machine.steps < 0) yield* machine.refuel()
  }
}

/** The function at a level of the stack; `undefined`: none of a script. */
function functionAt(machine: Machine, value: Value, args: Values): Closure | undefined {
  if (value instanceof Closure) return value
  if (isFunction(value)) return undefined
  const level = value === undefined ? 1 : wholeOf(machine, args, 1)
  if (level <= 0) return undefined
  return machine.thread.frames[machine.thread.depth - level]?.self
}

function setEnvironment(machine: Machine, args: Values): Values {
  const environment = tableOf(machine, args, 2)
  const target = functionAt(machine, args[0], args)
  if (target === undefined) return machine.fail('cannot change the environment of given object')
  target.env = environment
  return [target]
}

function* require(machine: Machine, args: Values): Running<Values> {
  const name = textOf(machine, args, 1)
  const library = machine.globals.text('package')
  const modules = library instanceof Table ? library.text('loaded') : undefined
  if (!(modules instanceof Table)) return machine.fail('package.loaded must be a table')
  const known = modules.text(name)
  if (known !== undefined && known !== false) return [known]
  const loader = findModule(machine, library as Table, name)
  machine.rawSet(modules, name, false)
  const result = (yield* machine.callback(loader, [name]))[0]
  if (result !== undefined) machine.rawSet(modules, name, result)
  else if (modules.text(name) === false) machine.rawSet(modules, name, true)
  return [modules.text(name)]
}

function findModule(machine: Machine, library: Table, name: string): Value {
  const preload = library.text('preload')
  const ready = preload instanceof Table ? preload.text(name) : undefined
  if (ready !== undefined) return ready
  const path = library.text('path')
  if (typeof path !== 'string') return machine.fail('package.path must be a string')
  const places = path.split(';').map((each) => each.replaceAll('?', name.replaceAll('.', '/')))
  const place = places.find((each) => existsSync(each))
  if (place === undefined) {
    const tried = places.map((each) => `stat ${each}: no such file or directory`)
    const lines = [`no field package.preload['${name}']`, ...tried]
    return machine.fail(`module ${name} not found:\n\t${lines.join('\n\t')}, `)
  }
  const [code, problem] = loadFile(machine, place)
  return code ?? machine.fail(String(problem))
}

/** Functions that load and place code. */
export const LOAD: Library = {
  dofile: new Caller(function* dofile(machine, args) {
    const [code, problem] = loadFile(machine, textOf(machine, args, 1))
    if (code === undefined) return machine.fail(String(problem))
    return yield* machine.callback(code, NONE)
  }),
  getfenv: new Native((machine, args) => {
    const target = functionAt(machine, args[0], args)
    return [target?.env ?? machine.globals]
  }),
  load: new Caller(load),
  loadfile: new Native((machine, args) => loadFile(machine, textOf(machine, args, 1))),
  loadstring: new Native((machine, args) =>
    loadedText(machine, textOf(machine, args, 1), textOf(machine, args, 2, '<string>')),
  ),
  package: tableMaker({
    config: '/\n;\n?\n!\n-\n',
    cpath: '',
    loaded: tableMaker({}),
    path: './?.lua;/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua',
    preload: tableMaker({}),
    seeall: new Native((machine, args) => {
      const table = tableOf(machine, args, 1)
      table.meta ??= machine.table()
      machine.rawSet(table.meta, '__index', machine.globals)
      return NONE
    }),
  }),
  require: new Caller(require),
  setfenv: new Native(setEnvironment),
}
