import { Channel } from './channel.ts'
import type { Machine } from './machine.ts'
import type { Table } from './table.ts'

/** What a script works with: nil is `undefined`, a string holds one byte a character. */
export type Value =
  | undefined
  | boolean
  | number
  | string
  | Table
  | Closure
  | Native
  | Caller
  | Userdata
  | Thread
  | Channel

/** What a running script hands out: a pause, or something to wait for whose result it is resumed with. */
export type Pause = typeof SLICE | PromiseLike<unknown>
export type Running<T> = Generator<Pause, T, unknown>

/** A pause so that other requests get their turn. */
export const SLICE = Symbol('a slice of a script has run')

/** A function of a script. */
export class Closure {
  env: Table
  readonly code: Code
  readonly line: number

  constructor(env: Table, code: Code, line: number) {
    this.env = env
    this.code = code
    this.line = line
  }
}
export type Code = (self: Closure, args: readonly Value[], machine: Machine) => Running<Values>
export type Values = readonly Value[]

/** A function of the library that neither waits nor calls back. */
export class Native {
  readonly call: (machine: Machine, args: readonly Value[]) => Values

  constructor(call: (machine: Machine, args: readonly Value[]) => Values) {
    this.call = call
  }
}

/** A function of the library that calls functions of scripts, or waits. */
export class Caller {
  readonly run: (machine: Machine, args: readonly Value[]) => Running<Values>

  constructor(run: (machine: Machine, args: readonly Value[]) => Running<Values>) {
    this.run = run
  }
}

/** Something of the gateway in the hands of a script. */
export class Userdata {
  readonly value: unknown
  meta: Table | undefined

  constructor(value: unknown, meta: Table | undefined) {
    this.value = value
    this.meta = meta
  }
}

/** A coroutine. */
export class Thread {
  readonly body: Value
  status: 'suspended' | 'running' | 'normal' | 'dead' = 'suspended'
  running: Running<Values> | undefined
  /** Of the functions it is inside of. */
  frames: Frame[] = []
  depth = 0
  /** How many others wait for it. */
  nesting = 0

  constructor(body: Value) {
    this.body = body
  }
}

/** A function being run: who it is, and from where it was called. */
export type Frame = { self: Closure; calledAt: Site }

/** A text that is run as one: `name` stands in messages that scripts see, `place` says where a line of it is from. */
export type Chunk = { readonly name: string; place(line: number): string }

/** A place in a script that can fail: its line, and the name of what is called there. */
export type Site = {
  readonly line: number
  readonly name: string
  readonly chunk: Chunk
  /** A function of the library calls, not the script. */
  readonly isInLibrary?: true
}

/** An error that a script raised, or met, and can catch. */
export class LuaError extends Error {
  override readonly name = 'LuaError'
  readonly value: Value
  readonly site: Site

  constructor(value: Value, site: Site) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(typeof value === 'string' ? value : undefined)
    Error.stackTraceLimit = limit
    this.value = value
    this.site = site
  }
}

export const NONE: Values = Object.freeze([])

export const isFunction = (value: Value): value is Closure | Native | Caller =>
  value instanceof Closure || value instanceof Native || value instanceof Caller

/** gopher-lua's names of types. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'undefined':
      return 'nil'
    case 'boolean':
    case 'number':
    case 'string':
      return typeof value
    default:
      if (isFunction(value)) return 'function'
      if (value instanceof Userdata) return 'userdata'
      if (value instanceof Channel) return 'channel'
      return value instanceof Thread ? 'thread' : 'table'
  }
}
