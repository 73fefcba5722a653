import type { Machine } from '../machine/machine.ts'
import { asText } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import { Native, NONE, Userdata, type Value, type Values } from '../machine/values.ts'
import { badArgument, textOf, wholeOf, wrongType } from './arguments.ts'
import { lazily } from './library.ts'

/** A file in the hands of a script: what is read is held whole, what is written goes out at once. */
export type OpenFile = {
  readonly name: string
  /** `undefined`: only written. */
  readonly text: string | undefined
  at: number
  /** `undefined`: only read. */
  readonly write: ((machine: Machine, text: string) => void) | undefined
  readonly close: () => void
  isClosed: boolean
}

/** The file that a script hands over. */
export function fileIn(machine: Machine, args: Values): OpenFile {
  const [handle] = args
  if (!(handle instanceof Userdata)) return wrongType(machine, args, 1, 'userdata')
  const file = handle.value as OpenFile
  if (file.isClosed) badArgument(machine, 1, 'file is closed')
  return file
}

/** Reads what the arguments behind the file ask for: a line, unless told. */
export function read(file: OpenFile, wanted: Values): Values {
  const { text } = file
  if (text === undefined) return [undefined, `file ${file.name} is opened for only writing.`, 1]
  return (wanted.length === 0 ? ['*l'] : wanted).map((what) => readOne(file, text, what))
}

/** One thing read: `*l`, `*a`, `*n` or a number of bytes. */
function readOne(file: OpenFile, text: string, what: Value): Value {
  const rest = text.length - file.at
  if (typeof what === 'number') {
    if (rest === 0 && what > 0) return undefined
    const bytes = text.slice(file.at, file.at + what)
    file.at += bytes.length
    return bytes
  }
  if (what === '*a') {
    const all = text.slice(file.at)
    file.at = text.length
    return all
  }
  if (rest === 0) return undefined
  if (what === '*n') return readNumber(file, text)
  const end = text.indexOf('\n', file.at)
  const line = text.slice(file.at, end < 0 ? undefined : end)
  file.at = Math.min(file.at + line.length + 1, text.length)
  return line
}

/** As far as a number is looked for. */
const LONGEST_NUMBER = 256

function readNumber(file: OpenFile, text: string): Value {
  const start = text.slice(file.at, file.at + LONGEST_NUMBER)
  const found = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(start)
  if (found === null) return undefined
  file.at += found[0].length
  return Number(found[0])
}

/** Writes texts and numbers. */
export function write(machine: Machine, file: OpenFile, values: Values): Values {
  if (file.write === undefined)
    return [undefined, `file ${file.name} is opened for only reading.`, 1]
  for (const [at, value] of values.entries()) {
    const text = asText(value) ?? wrongType(machine, values, at + 1, 'string')
    machine.steps -= text.length >> 3
    file.write(machine, text)
  }
  return NONE
}

/** Ends a file. */
export function close(file: OpenFile): Values {
  file.isClosed = true
  file.close()
  return [true]
}

function seek(machine: Machine, args: Values): Values {
  const file = fileIn(machine, args)
  const from = textOf(machine, args, 2, 'cur')
  const size = file.text?.length ?? 0
  const start = { set: 0, cur: file.at, end: size }[from]
  if (start === undefined) return badArgument(machine, 2, `invalid option: ${from}`)
  file.at = Math.max(0, Math.min(size, start + wholeOf(machine, args, 3, 0)))
  return [file.at]
}

/** A function that gives one line after the other. */
export const lines = (file: OpenFile): Native => new Native(() => read(file, NONE))

const METHODS = lazily({
  __tostring: new Native((machine, [handle]) => [describe(machine, handle)]),
  close: new Native((machine, args) => close(fileIn(machine, args))),
  flush: new Native(() => [true]),
  lines: new Native((machine, args) => [lines(fileIn(machine, args))]),
  read: new Native((machine, args) => read(fileIn(machine, args), args.slice(1))),
  seek: new Native(seek),
  setvbuf: new Native(() => [true]),
  write: new Native((machine, args) => {
    const failure = write(machine, fileIn(machine, args), args.slice(1))
    return failure === NONE ? [args[0]] : failure
  }),
})

function describe(machine: Machine, handle: Value): string {
  const isClosed = handle instanceof Userdata && (handle.value as OpenFile).isClosed
  return isClosed ? 'file (closed)' : machine.print(handle).replace(/^userdata: (.*)/, 'file ($1)')
}

/** Hands a file to a script. */
export function fileOf(file: OpenFile): Userdata {
  const meta = new Table(METHODS)
  meta.set('__index', meta)
  return new Userdata(file, meta)
}
