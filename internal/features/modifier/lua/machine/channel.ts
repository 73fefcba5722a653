import type { Table } from './table.ts'
import type { Value } from './values.ts'

/** gopher-lua's channel: a queue of values. */
export class Channel {
  #values: Value[] = []
  /** How many of them are gone. */
  #received = 0
  isClosed = false
  readonly meta: Table
  readonly #places: number

  constructor(places: number, meta: Table) {
    this.#places = places
    this.meta = meta
  }

  /** Whether there is something to receive: also the news that nothing will come. */
  get canReceive(): boolean {
    return this.isClosed || this.#length > 0
  }

  /** Whether sending has an end, be it an error. */
  get canSend(): boolean {
    return this.isClosed || this.#length < this.#places
  }

  /** Whether something was received, and what. */
  receive(): [boolean, Value] {
    if (this.#length === 0) return [false, undefined]
    const value = this.#values[this.#received++]
    if (this.#received > this.#length) this.#forget()
    return [true, value]
  }

  send(value: Value): void {
    this.#values.push(value)
  }

  get #length(): number {
    return this.#values.length - this.#received
  }

  /** Most are gone: only the others are kept. */
  #forget(): void {
    this.#values = this.#values.slice(this.#received)
    this.#received = 0
  }
}
