import { type Budget, LONGEST_TEXT, outOf, SLICE_STEPS } from './budget.ts'
import { Channel } from './channel.ts'
import { numberText } from './number.ts'
import type { Surroundings } from './surroundings.ts'
import { Table } from './table.ts'
import {
  Caller,
  type Chunk,
  Closure,
  type Frame,
  isFunction,
  LuaError,
  Native,
  NONE,
  type Running,
  type Site,
  SLICE,
  Thread,
  typeName,
  Userdata,
  type Value,
  type Values,
} from './values.ts'

/** `get` and `put` answer this when a function must be called for it. */
export const PENDING = Symbol('a metamethod has to be called')
/** What a function returns in place of values when it ends in the call of another one. */
export const TAIL: Values = Object.freeze([])

/** As many functions inside each other as gopher-lua allows (`CallStackSize`). */
const DEEPEST = 256
/** How far chains of `__index` are followed, as gopher-lua (`MaxTableGetLoop`). */
const LONGEST_CHAIN = 100
const COST_OF_FIELD = 40
/** Values that one function returns; gopher-lua has no room for more than some thousands. */
const MOST_VALUES = 20_000
const COST_OF_ADDRESS = 200
const COST_OF_JOIN = 32
/** V8 hashes longer strings by their length only: a few of them would make every look-up slow. */
const LONGEST_KEY = 16_000
const COST_OF_TABLE = 56
const FIRST_ADDRESS = 0x100000000
const NOWHERE: Chunk = { name: '[G]', place: () => '' }
const MAIN: Site = { line: 0, name: 'main chunk', chunk: NOWHERE }

/** The state of one execution: its globals, where it stands, and what it may still use. */
export class Machine {
  readonly globals: Table
  readonly budget: Budget
  readonly surroundings: Surroundings
  /** What all strings have: the methods of `string` with open libraries. */
  textMeta: Table | undefined
  /** The place that runs now. */
  at: Site = MAIN
  steps = SLICE_STEPS
  readonly main = new Thread(undefined)
  thread: Thread = this.main
  /** Of the call that `TAIL` announces. */
  tailCallee: Value = undefined
  tailArgs: Values = NONE
  #handler: Value
  #subject: Value
  #key: Value
  #addresses: Map<object, string> | undefined

  constructor(globals: Table, surroundings: Surroundings) {
    this.globals = globals
    this.surroundings = surroundings
    this.budget = surroundings.budget
    this.main.status = 'running'
  }

  /** Gives strings the methods of `string`. */
  openText(): void {
    const library = this.globals.text('string')
    if (library instanceof Table) this.textMeta = library
  }

  /** Raises an error that names the place. */
  fail(message: string): never {
    throw new LuaError(`${this.where(1)} ${message}`, this.at)
  }

  /** `<string>:3:` of the function that runs, or of one that called it: level 1 and 2 are the same, as in gopher-lua. */
  where(level: number): string {
    const site = level <= 2 ? this.at : this.thread.frames[this.thread.depth - level + 2]?.calledAt
    return site === undefined || site === MAIN ? '' : `${site.chunk.name}:${site.line}:`
  }

  /** A function begins. */
  enter(self: Closure): void {
    const { thread } = this
    if (thread.depth >= DEEPEST) this.fail('stack overflow')
    const frame = thread.frames[thread.depth++]
    if (frame === undefined) thread.frames.push({ self, calledAt: this.at } satisfies Frame)
    else {
      frame.self = self
      frame.calledAt = this.at
    }
  }

  /** A function ends with these values. */
  leave(values: Values): Values {
    this.thread.depth--
    return values
  }

  /** A function ends in a call: its own place on the stack is free for another one of the script. */
  tail(callee: Value, args: Values): Values {
    if (callee instanceof Closure) this.thread.depth--
    this.tailCallee = callee
    this.tailArgs = args
    return TAIL
  }

  /** A function of the library calls one: in messages it has no name. */
  callback(callee: Value, args: Values): Running<Values> {
    const { line, chunk } = this.at
    this.at = { line, name: '(anonymous)', chunk, isInLibrary: true }
    return this.call(callee, args)
  }

  /** The next slice begins: others first. */
  *refuel(): Running<void> {
    this.budget.check(SLICE_STEPS - this.steps)
    this.steps = SLICE_STEPS
    yield SLICE
    this.budget.check(0)
  }

  /** Others first, where the slice is used up. */
  *rest(): Running<void> {
    if (this.steps < 0) yield* this.refuel()
  }

  /** Accounts for values that a function is about to return. */
  takeValues(count: number): void {
    if (count > MOST_VALUES) this.fail('registry overflow')
    this.budget.take(8 * count)
    this.steps -= count >> 2
  }

  /** Accounts for a text that is made, before it is. */
  takeText(bytes: number): void {
    if (bytes > LONGEST_TEXT) throw outOf('memory')
    this.budget.take(bytes)
    this.steps -= bytes >> 6
  }

  /** Accounts for a text that is compared with another. */
  compared(text: string): void {
    this.steps -= text.length >> 9
  }

  /** Whether a text is the same as another value. */
  same(text: string, other: Value): boolean {
    this.compared(text)
    return text === other
  }

  *call(callee: Value, args: Values): Running<Values> {
    let next = callee
    let given = args
    for (;;) {
      if (next instanceof Native) return next.call(this, given)
      if (next instanceof Caller) return yield* next.run(this, given)
      if (!(next instanceof Closure)) {
        const handler = this.metamethod(next, '__call')
        if (!isFunction(handler)) this.fail('attempt to call a non-function object')
        given = [next, ...given]
        next = handler
        continue
      }
      const values = yield* next.code(next, given, this)
      if (values !== TAIL) return values
      next = this.tailCallee
      given = this.tailArgs
      this.tailArgs = NONE
      if (!(next instanceof Closure)) return this.leave(yield* this.call(next, given))
    }
  }

  metatable(value: Value): Table | undefined {
    if (value instanceof Table || value instanceof Userdata || value instanceof Channel)
      return value.meta
    return typeof value === 'string' ? this.textMeta : undefined
  }

  metamethod(value: Value, event: string): Value {
    return this.metatable(value)?.text(event)
  }

  /** `object[key]`, or `PENDING`: then `getPending` has it. */
  get(object: Value, key: Value): Value | typeof PENDING {
    let holder = object
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      if (holder instanceof Table) {
        const found = holder.get(key)
        if (found !== undefined || holder.meta === undefined) return found
      }
      const handler = this.metamethod(holder, '__index')
      if (handler === undefined) return this.#noIndex(holder, key)
      if (isFunction(handler)) return this.#pend(handler, holder, key)
      holder = handler
    }
    return this.fail('too many recursions in gettable')
  }

  #noIndex(holder: Value, key: Value): undefined {
    if (holder instanceof Table) return undefined
    return this.fail(
      `attempt to index a non-table object(${typeName(holder)}) with key '${this.print(key)}'`,
    )
  }

  #pend(handler: Value, subject: Value, key: Value): typeof PENDING {
    this.#handler = handler
    this.#subject = subject
    this.#key = key
    return PENDING
  }

  *getPending(): Running<Value> {
    return (yield* this.call(this.#handler, [this.#subject, this.#key]))[0]
  }

  *index(object: Value, key: Value): Running<Value> {
    const found = this.get(object, key)
    return found === PENDING ? yield* this.getPending() : found
  }

  /** `object[key] = value`; `true`: `putPending` has to do it. */
  put(object: Value, key: Value, value: Value): boolean {
    let holder = object
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      if (holder instanceof Table) {
        if (holder.meta === undefined || holder.get(key) !== undefined) {
          this.rawSet(holder, key, value)
          return false
        }
      }
      const handler = this.metamethod(holder, '__newindex')
      if (handler === undefined) {
        if (holder instanceof Table) this.rawSet(holder, key, value)
        else this.#noIndex(holder, key)
        return false
      }
      if (isFunction(handler)) {
        this.#pend(handler, holder, key)
        return true
      }
      holder = handler
    }
    return this.fail('too many recursions in settable')
  }

  *putPending(value: Value): Running<void> {
    yield* this.call(this.#handler, [this.#subject, this.#key, value])
  }

  rawSet(table: Table, key: Value, value: Value): void {
    if (key === undefined) this.fail('table index is nil')
    if (typeof key === 'number' && Number.isNaN(key)) this.fail('table index is NaN')
    if (typeof key === 'string' && key.length > LONGEST_KEY) this.fail('table key is too long')
    const before = table.list.length
    if (!table.set(key, value)) return
    const places = Math.max(0, table.list.length - before)
    this.budget.take(COST_OF_FIELD + 8 * places)
    this.steps -= places >> 2
  }

  /** A table that a script writes down. */
  table(): Table {
    this.budget.take(COST_OF_TABLE)
    return new Table()
  }

  /** Puts values into the list of a new table. */
  fill(table: Table, values: Values): void {
    this.budget.take(8 * values.length)
    if (table.map === undefined && table.list.length === 0) table.list = [...values]
    else for (const [at, value] of values.entries()) table.set(at + 1, value)
  }

  /** Lua 5.0's `arg` of a variadic function. */
  argTable(values: Values): Table {
    const table = this.table()
    this.fill(table, values)
    table.set('n', values.length)
    return table
  }

  checkLoop(start: Value, limit: Value, step: Value): void {
    if (typeof start !== 'number') this.fail('for statement init must be a number')
    if (typeof step !== 'number') this.fail('for statement step must be a number')
    if (typeof limit !== 'number') this.fail('for statement limit must be a number')
  }

  /** Two texts as one. JavaScript puts off the copy until somebody looks inside: part of it is paid here. */
  join(left: string, right: string): string {
    const length = left.length + right.length
    if (length > LONGEST_TEXT) throw outOf('memory')
    const shorter = Math.min(left.length, right.length)
    this.budget.take(COST_OF_JOIN + shorter + (length >> 8))
    this.steps -= (shorter >> 6) + (length >> 10)
    return left + right
  }

  /** A value as gopher-lua prints it. */
  print(value: Value): string {
    if (typeof value === 'string') return value
    if (typeof value === 'number') return numberText(value)
    if (value === undefined) return 'nil'
    return typeof value === 'boolean'
      ? String(value)
      : `${typeName(value)}: ${this.#address(value)}`
  }

  /** Something that tells objects apart, as an address does. */
  #address(value: object): string {
    this.#addresses ??= new Map()
    if (!this.#addresses.has(value)) this.budget.take(COST_OF_ADDRESS)
    const known =
      this.#addresses.get(value) ?? `0xc${(FIRST_ADDRESS + 16 * this.#addresses.size).toString(16)}`
    this.#addresses.set(value, known)
    return known
  }
}
