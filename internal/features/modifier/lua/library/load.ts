import { existsSync, statSync } from 'node:fs'
import { SyntaxProblem } from '../language/syntax-error.ts'
import { outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { asText } from '../machine/operators.ts'
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
import type { Library } from './library.ts'
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
/** What is compiled in one go keeps others waiting. */
const LONGEST_SOURCE = 32 << 10

/** The same for a text that a script made. */
function loadedText(machine: Machine, source: string, chunkName: string): Values {
  if (source.length > LONGEST_SOURCE) throw outOf('memory')
  return loaded(machine, source, chunkName)
}

const readSource = (path: string): string | undefined =>
  existsSync(path) && statSync(path).isFile() ? readFile(path) : undefined

/** A function that runs a file, or nil and what is wrong with it. */
export function loadFile(machine: Machine, path: string): Values {
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
  setfenv: new Native(setEnvironment),
}
