import type { Value } from './values.ts'

/** Holes up to this many are kept as a list, so that `#` counts over them as gopher-lua does. */
const WIDEST_HOLE = 1 << 16

/** Keys that are copied in the time of one step, as a power of two. */
const PART_OF_STEP = 1
type Spent = { steps: number }

/** Makes what a table has not been asked for yet; `undefined`: no such key. */
export type Lazy = {
  make(key: string, table: Table): Value
  readonly keys: readonly string[]
}

/** A Lua table: a list from 1 on, and a map for all other keys in the order they came. */
export class Table {
  /** Place 0 is key 1. */
  list: Value[] = []
  map: Map<Value, Value> | undefined
  meta: Table | undefined
  readonly #lazy: Lazy | undefined
  /** What it could make, and a script has taken away. */
  #removed: Set<string> | undefined
  /** The map's keys as `next` walks them, and how far it is. */
  #order: Value[] | undefined
  #walked = 0

  constructor(lazy?: Lazy) {
    this.#lazy = lazy
  }

  get(key: Value): Value {
    if (typeof key === 'string') return this.text(key)
    if (typeof key === 'number') {
      const found = this.list[key - 1]
      if (found !== undefined) return found
    }
    return this.map?.get(key)
  }

  text(key: string): Value {
    const found = this.map?.get(key)
    if (found !== undefined || this.#lazy === undefined || this.#removed?.has(key)) return found
    const made = this.#lazy.make(key, this)
    if (made !== undefined) this.#put(key, made)
    return made
  }

  /** Whether it has grown. The key is neither nil nor NaN. */
  set(key: Value, value: Value): boolean {
    if (typeof key === 'number' && Number.isInteger(key) && key > 0) {
      const { list } = this
      if (key <= list.length) {
        list[key - 1] = value
        if (value === undefined && key === list.length) this.#trim()
        return false
      }
      if (value !== undefined && key - list.length <= WIDEST_HOLE) {
        this.#extend(key, value)
        return true
      }
    }
    if (value !== undefined) return this.#put(key, value)
    if (typeof key === 'string' && this.#lazy?.keys.includes(key) === true) this.#remove(key)
    this.map?.delete(key)
    return false
  }

  #remove(key: string): void {
    this.#removed ??= new Set()
    this.#removed.add(key)
  }

  /** Gives a key the value it had, if a script has changed it or taken it away. */
  restore(key: string, value: Value): void {
    if (this.map?.has(key) === true || this.#removed?.has(key) === true) this.#put(key, value)
  }

  #put(key: Value, value: Value): boolean {
    this.map ??= new Map()
    const before = this.map.size
    this.map.set(key, value)
    return this.map.size > before
  }

  #extend(key: number, value: Value): void {
    const { list, map } = this
    while (list.length < key - 1) list.push(undefined)
    list.push(value)
    if (map === undefined) return
    for (let next = list.length + 1; map.size > 0 && map.has(next); next++) {
      list.push(map.get(next))
      map.delete(next)
    }
  }

  #trim(): void {
    const { list } = this
    while (list.length > 0 && list[list.length - 1] === undefined) list.pop()
  }

  /** gopher-lua's `#`: the last place of the list that holds something. */
  get length(): number {
    this.#trim()
    return this.list.length
  }

  #makeAll(): void {
    for (const key of this.#lazy?.keys ?? []) this.text(key)
  }

  /** The pair after `key` (nil: the first); nil at the end. What has to be gone through for it takes `steps`. */
  next(key: Value, spent: Spent): [Value, Value] | undefined {
    const { list } = this
    let at = 0
    if (key !== undefined) at = typeof key === 'number' && list.length >= key ? key : -1
    if (at >= 0)
      for (; at < list.length; at++) if (list[at] !== undefined) return [at + 1, list[at]]
    return this.#nextOfMap(at < 0 ? key : undefined, spent)
  }

  #nextOfMap(key: Value, spent: Spent): [Value, Value] | undefined {
    const order = this.#orderFrom(key, spent)
    const { map } = this
    if (map === undefined) return undefined
    let at = 0
    if (key !== undefined) {
      const isInTurn = order[this.#walked] === key
      if (!isInTurn) spent.steps -= order.length >> PART_OF_STEP
      at = isInTurn ? this.#walked + 1 : order.indexOf(key) + 1
      if (at === 0) return undefined
    }
    for (; at < order.length; at++) {
      const value = map.get(order[at])
      if (value === undefined) continue
      this.#walked = at
      return [order[at], value]
    }
    this.#order = undefined
    return undefined
  }

  /** The keys of the map as they are at the beginning of a walk. */
  #orderFrom(key: Value, spent: Spent): Value[] {
    if (key !== undefined && this.#order !== undefined) return this.#order
    this.#makeAll()
    this.#order = [...(this.map?.keys() ?? [])]
    spent.steps -= this.#order.length >> PART_OF_STEP
    return this.#order
  }

  /** All pairs, the list first. */
  *pairs(): Generator<[Value, Value]> {
    this.#makeAll()
    for (const [at, value] of this.list.entries()) if (value !== undefined) yield [at + 1, value]
    if (this.map !== undefined) yield* this.map
  }
}
