import type { Client } from '../../../../client/client.ts'
import type { Deadline } from '../../../../pipe/deadline.ts'
import type { Machine } from '../machine/machine.ts'
import { type Lazy, Table } from '../machine/table.ts'
import {
  Caller,
  Native,
  type Running,
  typeName,
  Userdata,
  type Value,
  type Values,
} from '../machine/values.ts'
import type { HttpReply } from './http-response.ts'

/** What a kind of userdata can do: its methods, and the functions of its table. */
export type Kind = {
  readonly name: string
  readonly methods: Lazy
  readonly statics: Readonly<Record<string, Static>>
  /** It is there from when a subject of it is offered. */
  readonly isOffered?: true
}
type Static = (api: Api) => Value

/** What scripts call upstreams with. */
export type Calling = {
  readonly client: Client
  readonly deadline: Deadline
  /** Of a body. */
  readonly maxBytes: number
}

/** The gateway in the hands of one execution: the tables that scripts know it by, made when they are asked for. */
export class Api {
  readonly #kinds: ReadonlyMap<string, Kind>
  readonly #tables = new Map<string, Table>()
  /** What `load` of a kind gives. */
  readonly subjects = new Map<string, unknown>()
  /** JSON that belongs to this execution, so that it may be changed in place. */
  readonly owned = new WeakSet<object>()
  /** Whether a script has written into data. */
  hasWritten = false
  /** Whether an object or list was put into another one. */
  hasNested = false
  /** Replies whose body may still be on its way. */
  readonly replies: HttpReply[] = []

  readonly calling: Calling

  constructor(kinds: ReadonlyMap<string, Kind>, calling: Calling) {
    this.#kinds = kinds
    this.calling = calling
  }

  /** The table of a kind, which is the metatable of its userdata too; `undefined`: not there (yet). */
  table(name: string): Table | undefined {
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    const kind = this.#kinds.get(name)
    if (kind === undefined || (kind.isOffered === true && !this.subjects.has(name)))
      return undefined
    const table = new Table()
    table.set('__index', new Table(kind.methods))
    for (const [member, make] of Object.entries(kind.statics)) table.set(member, make(this))
    this.#tables.set(name, table)
    return table
  }

  wrap(kind: string, value: unknown): Userdata {
    return new Userdata(value, this.table(kind))
  }

  /** From now on scripts can load this. */
  offer(kind: string, subject: unknown): void {
    this.subjects.set(kind, subject)
  }

  close(): void {
    for (const reply of this.replies) reply.close()
  }
}

/** The function `load` of a kind. */
export const loader =
  (kind: string): Static =>
  (api) =>
    new Native(() => [api.wrap(kind, api.subjects.get(kind))])

/** A method of a kind: its first argument must be userdata that holds a `type`. */
export function method<T>(
  type: abstract new (...args: never[]) => T,
  complaint: string,
  call: (self: T, args: Values, machine: Machine) => Values,
): Native {
  return new Native((machine, args) => call(selfOf(type, complaint, machine, args), args, machine))
}

/** The same for a method that can take its time. */
export function longMethod<T>(
  type: abstract new (...args: never[]) => T,
  complaint: string,
  call: (self: T, args: Values, machine: Machine) => Running<Values>,
): Caller {
  return new Caller((machine, args) => call(selfOf(type, complaint, machine, args), args, machine))
}

/** The subject of a method. */
export function selfOf<T>(
  type: abstract new (...args: never[]) => T,
  complaint: string,
  machine: Machine,
  args: Values,
): T {
  const [self] = args
  if (!(self instanceof Userdata)) return wrongSelf(machine, self)
  return self.value instanceof type ? self.value : machine.fail(complaint)
}

function wrongSelf(machine: Machine, self: Value): never {
  const got = typeName(self)
  return machine.fail(`bad argument #1 to ${machine.at.name} (userdata expected, got ${got})`)
}
