/** A message that somebody must settle: once, and soon. */
export type Delivery = {
  readonly body: Buffer
  ack(): void
  nack(requeue: boolean): void
}

/** Where messages are taken from, one by one. */
export type MessageSource = {
  /** The next message; `undefined` when none came in time. Rejects when the broker cannot be had. */
  take(timeoutMs: number): Promise<Delivery | undefined>
  close(): Promise<void>
}

type Taker = {
  readonly timer: NodeJS.Timeout
  readonly resolve: (delivery: Delivery | undefined) => void
  readonly reject: (error: Error) => void
}

/** Brings messages that came ahead and those who wait for one together. What puts messages in bounds how many come. */
export class Inbox {
  #ready: Delivery[] = []
  readonly #takers = new Set<Taker>()

  get size(): number {
    return this.#ready.length
  }

  /** How many wait for a message. */
  get waiting(): number {
    return this.#takers.size
  }

  put(delivery: Delivery): void {
    for (const taker of this.#takers) {
      this.#dismiss(taker)
      return taker.resolve(delivery)
    }
    this.#ready.push(delivery)
  }

  take(timeoutMs: number): Promise<Delivery | undefined> {
    const ready = this.#ready.shift()
    if (ready !== undefined) return Promise.resolve(ready)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#takers.delete(taker)
        resolve(undefined)
      }, timeoutMs)
      const taker: Taker = { timer, resolve, reject }
      this.#takers.add(taker)
    })
  }

  /** What waits here is void: its connection is gone. */
  clear(): void {
    this.#ready = []
  }

  /** Puts what waits here back into the queue. */
  giveBack(): void {
    for (const delivery of this.#ready.splice(0)) delivery.nack(true)
  }

  /** Nothing will come for those who wait. */
  fail(message: string): void {
    for (const taker of this.#takers) {
      this.#dismiss(taker)
      taker.reject(new Error(message))
    }
  }

  #dismiss(taker: Taker): void {
    clearTimeout(taker.timer)
    this.#takers.delete(taker)
  }
}
