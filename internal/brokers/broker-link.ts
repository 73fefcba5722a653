import type { Backoff } from './backoff.ts'

/** Tells that what was dialled is broken. */
export type Lost = (reason: string) => void
/** What one connection gives. */
export type Dialled<Opened> = { readonly opened: Opened; close(): Promise<void> }
/** Opens one connection; rejects when it cannot. `lost` may be called from then on. */
export type Dial<Opened> = (lost: Lost) => Promise<Dialled<Opened>>

export type LinkOptions<Opened> = {
  readonly dial: Dial<Opened>
  readonly backoff: Backoff
  /** How many tries in a row may fail; 0 is no limit. */
  readonly maxRetries: number
  /** What was opened is gone, for the reason given. */
  readonly down?: (reason: string) => void
  /** It will not be tried again until somebody asks by `start`. */
  readonly gaveUp?: (reason: string) => void
  readonly say: (text: string) => void
}

/** One that lasted shorter counts as a failed try. */
const HEALTHY_MS = 5_000

/** A connection to a broker that comes back when it breaks. Nothing happens before `start`, or after `close`. */
export class BrokerLink<Opened> {
  /** What the connection gives, while it works. */
  current: Opened | undefined
  /** Why there is nothing; `undefined` while the first try lasts. */
  failure: string | undefined
  readonly #options: LinkOptions<Opened>
  #dialled: Dialled<Opened> | undefined
  #timer: NodeJS.Timeout | undefined
  #attempt = 0
  #sinceMs = 0
  #isResting = true
  #isClosed = false

  constructor(options: LinkOptions<Opened>) {
    this.#options = options
  }

  /**
   * Connects soon (a gateway that is only built and closed again opens nothing), and again after it gave up. Does
   * nothing while it is at it.
   */
  start(): void {
    if (!this.#isResting || this.#isClosed) return
    this.#isResting = false
    this.#attempt = 0
    this.#wait(0)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    const dialled = this.#dialled
    this.#dialled = undefined
    this.current = undefined
    // It may be broken already: then there is nothing left to close.
    await dialled?.close().catch(nothing)
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => void this.#connect(), ms)
  }

  async #connect(): Promise<void> {
    let brokenFor: string | undefined
    let mine: Dialled<Opened> | undefined
    try {
      mine = await this.#options.dial((reason) => {
        brokenFor ??= reason
        if (mine !== undefined) this.#lost(mine, brokenFor)
      })
      if (this.#isClosed || brokenFor !== undefined) {
        mine.close().catch(nothing)
        throw new Error(brokenFor ?? 'closed')
      }
    } catch (error) {
      return this.#failed((error as Error).message || String(error))
    }
    this.#dialled = mine
    this.current = mine.opened
    this.failure = undefined
    this.#sinceMs = performance.now()
    this.#options.say('connected')
  }

  #lost(dialled: Dialled<Opened>, reason: string): void {
    if (this.#dialled !== dialled) return
    this.#dialled = undefined
    this.current = undefined
    dialled.close().catch(nothing)
    if (performance.now() - this.#sinceMs > HEALTHY_MS) this.#attempt = 0
    this.#options.down?.(reason)
    this.#failed(reason)
  }

  #failed(reason: string): void {
    if (this.#isClosed) return
    const { maxRetries, backoff, say, gaveUp } = this.#options
    this.failure = reason
    this.#attempt++
    if (maxRetries > 0 && this.#attempt > maxRetries) {
      this.#isResting = true
      say(`${reason}; given up after ${this.#attempt} tries`)
      gaveUp?.(reason)
      return
    }
    const ms = backoff(this.#attempt)
    say(`${reason}; trying again in ${ms} ms`)
    this.#wait(ms)
  }
}

const nothing = (): void => undefined
