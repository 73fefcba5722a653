import { closeSync, openSync, writeSync } from 'node:fs'
import type { Machine } from '../machine/machine.ts'
import { Table } from '../machine/table.ts'
import { Native, NONE, Userdata, type Value, type Values } from '../machine/values.ts'
import { badArgument, textOf } from './arguments.ts'
import { close, fileIn, fileOf, lines, type OpenFile, read, write } from './file.ts'
import { type Library, lazily, type Making } from './library.ts'
import { readFile } from './read-file.ts'

const MODES = new Set(['r', 'w', 'a', 'r+', 'w+', 'a+'])
const OFFERED = [...MODES].flatMap((mode) => [mode, mode.replace(/^./, '$&b')]).join(',')

function open(machine: Machine, args: Values): Values {
  const name = textOf(machine, args, 1)
  const mode = textOf(machine, args, 2, 'r').replace('b', '')
  if (!MODES.has(mode))
    badArgument(machine, 2, `invalid option: ${mode} (must be one of ${OFFERED})`)
  try {
    return [fileOf(opened(machine, name, mode))]
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem)) throw problem
    return [undefined, `open ${name}: ${reasonOf(problem)}`, 1]
  }
}

function opened(machine: Machine, name: string, mode: string): OpenFile {
  const descriptor = mode === 'r' ? undefined : openSync(name, mode)
  const isRead = mode === 'r' || mode.endsWith('+')
  const text = mode.startsWith('w') ? '' : readFile(name)
  machine.takeText(text.length)
  return {
    name,
    text: isRead ? text : undefined,
    at: 0,
    write:
      descriptor === undefined
        ? undefined
        : (_machine, bytes) => void writeSync(descriptor, Buffer.from(bytes, 'latin1')),
    close: () => descriptor !== undefined && closeSync(descriptor),
    isClosed: false,
  }
}

/** In Go's words: `no such file or directory`. */
const reasonOf = ({ message }: Error): string =>
  /^\w+: (.*?), (?:open|stat)/.exec(message)?.[1] ?? message

const toLog = (machine: Machine, text: string): void => machine.surroundings.print(text)
const nothing = (): void => {}
const input = (): OpenFile => ({
  name: 'stdin',
  text: '',
  at: 0,
  write: undefined,
  close: nothing,
  isClosed: false,
})
const output = (name: string): OpenFile => ({
  name,
  text: undefined,
  at: 0,
  write: toLog,
  close: nothing,
  isClosed: false,
})

/** What an execution reads from and writes to unless told: nothing, and the log. */
class Defaults {
  readonly stdin = fileOf(input())
  readonly stdout = fileOf(output('stdout'))
  readonly stderr = fileOf(output('stderr'))
  input = this.stdin
  output = this.stdout

  /** `io.input` and `io.output`: tells the file, or takes another one. */
  change(key: 'input' | 'output', mode: string): Native {
    return new Native((machine, args) => {
      if (args[0] === undefined) return [this[key]]
      const [handle, problem] =
        args[0] instanceof Userdata ? args : open(machine, [textOf(machine, args, 1), mode])
      if (!(handle instanceof Userdata)) return machine.fail(String(problem))
      this[key] = handle
      return [handle]
    })
  }
}

function typeOf(handle: Value): Value {
  if (!(handle instanceof Userdata)) return undefined
  return (handle.value as OpenFile).isClosed ? 'closed file' : 'file'
}

function functions(defaults: Defaults): Library {
  const { stdin, stdout, stderr } = defaults
  return {
    stdin,
    stdout,
    stderr,
    close: new Native((machine, args) =>
      close(fileIn(machine, args.length === 0 ? [defaults.output] : args)),
    ),
    flush: new Native(() => [true]),
    input: defaults.change('input', 'r'),
    lines: new Native((machine, args) => {
      if (args.length === 0) return [lines(fileIn(machine, [defaults.input]))]
      const [handle, problem] = open(machine, args.slice(0, 1))
      if (!(handle instanceof Userdata)) return machine.fail(String(problem))
      return [lines(handle.value as OpenFile)]
    }),
    open: new Native(open),
    output: defaults.change('output', 'w'),
    popen: new Native((machine) => machine.fail('io.popen is not available in a gateway')),
    read: new Native((machine, args) => read(fileIn(machine, [defaults.input]), args)),
    type: new Native((_machine, [handle]) => [typeOf(handle)]),
    write: new Native((machine, args) => {
      const failure = write(machine, fileIn(machine, [defaults.output]), args)
      return failure === NONE ? [defaults.output] : failure
    }),
  }
}

/** `io`, with `allow_open_libs`: files, and the log in place of standard output. */
export const IO: Making = () => new Table(lazily(functions(new Defaults())))
