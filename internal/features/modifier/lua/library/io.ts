import { closeSync, openSync, writeSync } from 'node:fs'
import type { Machine } from '../machine/machine.ts'
import { asText } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import { Native, NONE, Userdata, type Value, type Values } from '../machine/values.ts'
import { badArgument, textOf, wrongType } from './arguments.ts'
import type { Library } from './library.ts'
import { lazily } from './library.ts'
import { readFile } from './read-file.ts'

/** A file in the hands of a script: what is read is held whole, what is written goes out at once. */
type OpenFile = {
  readonly text: string
  at: number
  /** `undefined`: only read. */
  readonly descriptor: number | undefined
  isClosed: boolean
}

const MODES = new Set(['r', 'w', 'a', 'r+', 'w+', 'a+'])

function open(machine: Machine, args: Values): Values {
  const path = textOf(machine, args, 1)
  const mode = textOf(machine, args, 2, 'r').replace('b', '')
  if (!MODES.has(mode)) badArgument(machine, 2, `invalid option: ${mode}`)
  try {
    const writes = mode !== 'r'
    const descriptor = writes ? openSync(path, mode) : undefined
    const text = mode.startsWith('w') ? '' : readFile(path)
    machine.takeText(text.length)
    return [fileOf({ text, at: 0, descriptor, isClosed: false })]
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem)) throw problem
    return [undefined, `open ${path}: ${reasonOf(problem)}`, 1]
  }
}

/** In Go's words: `no such file or directory`. */
const reasonOf = ({ message }: Error): string =>
  /^\w+: (.*?), (?:open|stat)/.exec(message)?.[1] ?? message

function fileIn(machine: Machine, args: Values): OpenFile {
  const [handle] = args
  if (!(handle instanceof Userdata)) return wrongType(machine, args, 1, 'userdata')
  const file = handle.value as OpenFile
  if (file.isClosed) badArgument(machine, 1, 'file is closed')
  return file
}

/** One thing read: `*l`, `*a`, `*n` or a number of bytes. */
function readOne(file: OpenFile, what: Value): Value {
  const rest = file.text.length - file.at
  if (typeof what === 'number') {
    if (rest === 0 && what > 0) return undefined
    const bytes = file.text.slice(file.at, file.at + what)
    file.at += bytes.length
    return bytes
  }
  if (what === '*a') {
    const all = file.text.slice(file.at)
    file.at = file.text.length
    return all
  }
  if (rest === 0) return undefined
  if (what === '*n') return readNumber(file)
  const end = file.text.indexOf('\n', file.at)
  const line = file.text.slice(file.at, end < 0 ? undefined : end)
  file.at += line.length + 1
  file.at = Math.min(file.at, file.text.length)
  return line
}

function readNumber(file: OpenFile): Value {
  const found = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(file.text.slice(file.at))
  if (found === null) return undefined
  file.at += found[0].length
  return Number(found[0])
}

function write(machine: Machine, args: Values): Values {
  const { descriptor } = fileIn(machine, args)
  if (descriptor === undefined) return [undefined, 'file is not open for writing', 1]
  for (const [at, value] of args.slice(1).entries()) {
    const text = asText(value) ?? wrongType(machine, args, at + 2, 'string')
    writeSync(descriptor, Buffer.from(text, 'latin1'))
  }
  return [args[0]]
}

function close(machine: Machine, args: Values): Values {
  const file = fileIn(machine, args)
  file.isClosed = true
  if (file.descriptor !== undefined) closeSync(file.descriptor)
  return [true]
}

const lines = (file: OpenFile): Native => new Native(() => [readOne(file, '*l')])

const METHODS = lazily({
  close: new Native(close),
  flush: new Native(() => NONE),
  lines: new Native((machine, args) => [lines(fileIn(machine, args))]),
  read: new Native((machine, args) => {
    const file = fileIn(machine, args)
    return (args.length === 1 ? ['*l'] : args.slice(1)).map((what) => readOne(file, what))
  }),
  write: new Native(write),
})

function fileOf(file: OpenFile): Userdata {
  const meta = new Table()
  meta.set('__index', new Table(METHODS))
  return new Userdata(file, meta)
}

/** What of `io` a gateway has a use for, with `allow_open_libs`: files, and the log in place of standard output. */
export const IO: Library = {
  close: new Native(close),
  lines: new Native((machine, args) => {
    const [handle, problem] = open(machine, args.slice(0, 1))
    if (!(handle instanceof Userdata)) return machine.fail(String(problem))
    return [lines(handle.value as OpenFile)]
  }),
  open: new Native(open),
  type: new Native((_machine, [handle]) => {
    if (!(handle instanceof Userdata)) return [undefined]
    return [(handle.value as OpenFile).isClosed ? 'closed file' : 'file']
  }),
  write: new Native((machine, args) => {
    machine.surroundings.print(args.map((value) => machine.print(value)).join(''))
    return NONE
  }),
}
