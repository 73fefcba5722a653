import type { AddressBook } from './address-book.ts'
import type { Instance } from './discovery.ts'
import { inPieces, type Pause, type Steps } from './in-pieces.ts'
import { type PackedSnapshot, unpackedPart } from './packed-snapshot.ts'
import type { PolledList } from './polled-list.ts'

/** Hosts that leave in one step. */
const HOSTS_PER_STEP = 64

/** Whose hosts the address book holds: one list as it was at one time. */
type Held = { readonly instances: Instance[] }
const NOTHING: PackedSnapshot = {
  rest: { name: '', version: 0, slots: [], isWithdrawn: false },
  parts: [],
}

/**
 * Takes over one list again and again, in pieces: the new hosts' addresses are known before requests see them, the
 * old ones' until nobody can choose them any more. One change at a time; of those that come meanwhile the last counts.
 */
export class ListIntake {
  readonly #book: AddressBook
  readonly #list: PolledList
  readonly #pause: Pause | undefined
  #held: Held = { instances: [] }
  #waiting: PackedSnapshot | undefined
  #isWorking = false
  #isClosed = false

  constructor(book: AddressBook, list: PolledList, pause?: Pause) {
    this.#book = book
    this.#list = list
    this.#pause = pause
  }

  take(next: PackedSnapshot): void {
    this.#waiting = next
    if (!this.#isWorking) this.#work()
  }

  /** Nobody wants the list any more: the address book forgets it. */
  close(): void {
    this.#isClosed = true
    this.take(NOTHING)
  }

  #work(): void {
    const next = this.#waiting
    this.#waiting = undefined
    this.#isWorking = next !== undefined
    if (next !== undefined) inPieces(this.#replace(next), () => this.#work(), this.#pause)
  }

  *#replace({ rest, parts }: PackedSnapshot): Steps {
    const last = this.#held
    const next: Held = { instances: [] }
    const urls: string[] = []
    for (const text of parts) {
      const part = unpackedPart(text)
      next.instances.push(...part.instances)
      urls.push(...part.urls)
      this.#book.enter(next, part.instances)
      yield part.instances.length
    }
    this.#held = next
    if (!this.#isClosed) yield* this.#list.replace({ ...rest, instances: next.instances, urls })
    for (let from = 0; from < last.instances.length; from += HOSTS_PER_STEP) {
      this.#book.leave(last, last.instances.slice(from, from + HOSTS_PER_STEP))
      yield HOSTS_PER_STEP
    }
  }
}
