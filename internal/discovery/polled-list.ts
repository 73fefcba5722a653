import { GatewayError } from '../errors.ts'
import type { Snapshot, Subscription } from './discovery.ts'
import type { Steps } from './in-pieces.ts'

type Prepare = (snapshot: Snapshot) => void

/** A thread's copy of one list of hosts, shared by all who want the same one. */
export class PolledList {
  readonly name: string
  current: Snapshot | undefined
  /** Why the last look-up failed; `undefined` while one is in flight. */
  #failure: string | undefined
  #waiting: PromiseWithResolvers<Snapshot> | undefined
  readonly #preparations = new Set<Prepare>()
  readonly #tellEjected: Subscription['ejected']
  #holders = 0

  constructor(name: string, tellEjected: Subscription['ejected']) {
    this.name = name
    this.#tellEjected = tellEjected
  }

  /** One more holder; `whenUnused` is called when the last one closes. */
  share(whenUnused: () => void): Subscription {
    this.#holders++
    let isOpen = true
    const close = () => {
      if (!isOpen) return
      isOpen = false
      if (--this.#holders === 0) whenUnused()
    }
    return this.#view(close)
  }

  asking(): void {
    this.#failure = undefined
  }

  failed(reason: string): void {
    this.#failure = reason
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(this.#notReady(reason))
  }

  /** Lets every balancer prepare for the next list, and then requests see it. */
  *replace(next: Snapshot): Steps {
    for (const prepare of this.#preparations) {
      prepare(next)
      yield next.instances.length
    }
    this.current = next
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(next)
  }

  async #first(): Promise<Snapshot> {
    if (this.current !== undefined) return this.current
    if (this.#failure !== undefined) throw this.#notReady(this.#failure)
    this.#waiting ??= waiters()
    return this.#waiting.promise
  }

  #notReady(reason: string): GatewayError {
    const message = `no hosts known yet for ${this.name}: ${reason}`
    return new GatewayError('discovery-not-ready', { message })
  }

  #view(close: () => void): Subscription {
    const list = this
    const preparations: Prepare[] = []
    return {
      name: list.name,
      isFixed: false,
      get current() {
        return list.current
      },
      first: () => list.#first(),
      beforeUse(prepare) {
        if (list.current !== undefined) prepare(list.current)
        list.#preparations.add(prepare)
        preparations.push(prepare)
      },
      ejected: list.#tellEjected,
      close() {
        for (const prepare of preparations) list.#preparations.delete(prepare)
        close()
      },
    }
  }
}

function waiters(): PromiseWithResolvers<Snapshot> {
  const waiting = Promise.withResolvers<Snapshot>()
  // A request may have given up waiting when this fails: nobody is left to be told.
  waiting.promise.catch(() => {})
  return waiting
}
