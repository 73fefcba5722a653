import type { Table } from './table.ts'
import type { Value } from './values.ts'

/** gopher-lua's channel: a queue of values. */
export class Channel {
  readonly values: Value[] = []
  isClosed = false
  readonly meta: Table
  readonly #places: number

  constructor(places: number, meta: Table) {
    this.#places = places
    this.meta = meta
  }

  /** Whether there is something to receive: also the news that nothing will come. */
  get canReceive(): boolean {
    return this.isClosed || this.values.length > 0
  }

  /** Whether sending has an end, be it an error. */
  get canSend(): boolean {
    return this.isClosed || this.values.length < this.#places
  }

  /** Whether something was received, and what. */
  receive(): [boolean, Value] {
    return this.values.length > 0 ? [true, this.values.shift()] : [false, undefined]
  }
}
