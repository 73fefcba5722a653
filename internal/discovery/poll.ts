import { type Answer, DiscoveryError, type Found, type Source } from './discovery.ts'
import type { Result } from './policy/link.ts'
import { nextDelayMs, type Timer, ttlDelayMs, usualPeriodMs } from './poll-timing.ts'

/** No look-up takes longer, whatever its source does. */
const LONGEST_LOOKUP_MS = 30_000

/** Where one poll stands. Replaced whole. */
export type PollState = {
  readonly isAsking: boolean
  /** In a row. */
  readonly failures: number
  readonly nextAtMs: number | undefined
  readonly lastError:
    | { readonly atMs: number; readonly result: Result; readonly message: string }
    | undefined
}

/** What came of one look-up: an answer, maybe empty, or none. */
export type Outcome = {
  readonly result: Result
  readonly answer: Answer | undefined
  readonly message: string
  /** How long the look-up took; `undefined` for what a watch told. */
  readonly tookMs: number | undefined
}

export type PollOptions = {
  readonly service: string
  readonly source: Source
  readonly periodMs: number
  readonly now: () => number
  readonly random: () => number
  readonly timer: Timer
  /** Told after each step, with what came of a look-up if one ended. */
  readonly tell: (state: PollState, outcome: Outcome | undefined) => void
}

const NOTHING: PollState = {
  isAsking: false,
  failures: 0,
  nextAtMs: undefined,
  lastError: undefined,
}

/** Asks one registry for one service, again and again, for the whole process. Judges nothing. */
export class Poll {
  state: PollState = NOTHING
  #options: PollOptions
  #cancelTimer = () => {}
  #asking: AbortController | undefined
  /** Of the last answer, or of its absence. */
  #ttlMs: number | undefined

  constructor(options: PollOptions) {
    this.#options = options
  }

  start(): void {
    void this.#ask() // Never rejects: a failed look-up is a state.
  }

  /** Goes on with another source or period, at once; the list in use stays until the new source answers. */
  change(changed: Pick<PollOptions, 'source' | 'periodMs'>): void {
    this.#stop()
    this.#options = { ...this.#options, ...changed }
    this.start()
  }

  close(): void {
    this.#stop()
    this.#options = { ...this.#options, tell: () => {} }
  }

  /** What the service's name itself names for when nothing else is known. */
  fallback(): readonly Found[] {
    const { source, service } = this.#options
    return source.fallback?.(service) ?? []
  }

  #stop(): void {
    this.#cancelTimer()
    this.#asking?.abort(new DiscoveryError('unreachable', 'no longer asked'))
    this.#asking = undefined
  }

  /** One look-up, or one watch for as long as it lasts; then the next. */
  async #ask(): Promise<void> {
    const asking = new AbortController()
    this.#asking = asking
    this.#step({ isAsking: true, nextAtMs: undefined })
    try {
      await this.#until(asking)
    } catch (error) {
      if (this.#asking === asking) this.#failed(error)
    }
    if (this.#asking === asking) this.#scheduleNext()
  }

  async #until(asking: AbortController): Promise<void> {
    const { source, service, timer, now } = this.#options
    const { signal } = asking
    const startMs = now()
    const take = (answer: Answer, tookMs?: number) => {
      if (this.#asking === asking) this.#take(answer, tookMs)
    }
    if (source.watch !== undefined)
      return Promise.race([source.watch(service, take, signal), aborted(signal)])
    const cancelLimit = timer(LONGEST_LOOKUP_MS, () => asking.abort(tooLong()))
    try {
      const answer = await Promise.race([source.ask(service, signal), aborted(signal)])
      take(answer, now() - startMs)
    } finally {
      cancelLimit()
    }
  }

  #take(answer: Answer, tookMs: number | undefined): void {
    const result = resultOf(answer)
    this.#ttlMs = answer.ttlMs
    if (result === 'success')
      this.#step({ isAsking: false, failures: 0 }, { result, answer, message: '', tookMs })
    else {
      const message =
        result === 'partial' ? 'a part of the answer is missing' : 'the answer names no host'
      this.#fail({ result, answer, message, tookMs })
    }
  }

  #failed(error: unknown): void {
    const result = error instanceof DiscoveryError ? error.failure : 'broken'
    const message = error instanceof Error ? error.message : String(error)
    this.#ttlMs = error instanceof DiscoveryError ? error.ttlMs : undefined
    this.#fail({ result, answer: undefined, message, tookMs: undefined })
  }

  #fail(outcome: Outcome): void {
    const { result, message } = outcome
    const lastError = { atMs: this.#options.now(), result, message }
    this.#step({ isAsking: false, failures: this.state.failures + 1, lastError }, outcome)
  }

  #scheduleNext(): void {
    const { source, periodMs, random, timer, now } = this.#options
    const usualMs = source.periodMs ?? usualPeriodMs(periodMs)
    const delayMs =
      source.ttl !== undefined && this.#ttlMs !== undefined
        ? ttlDelayMs(this.#ttlMs, source.ttl, random)
        : nextDelayMs(usualMs, this.state.failures, random)
    this.#step({ nextAtMs: now() + delayMs })
    this.#cancelTimer = timer(delayMs, () => void this.#ask())
  }

  #step(changed: Partial<PollState>, outcome?: Outcome): void {
    this.state = { ...this.state, ...changed }
    this.#options.tell(this.state, outcome)
  }
}

function resultOf({ instances, isPartial, isWithdrawn, isUnknown }: Answer): Result {
  if (isWithdrawn === true) return 'success'
  if (isPartial === true) return 'partial'
  if (instances.length > 0) return 'success'
  return isUnknown === true ? 'not-found' : 'empty'
}

const tooLong = () => new DiscoveryError('unreachable', `no answer in ${LONGEST_LOOKUP_MS} ms`)

/** Rejects when `signal` is over: a source that does not listen to it holds nobody up. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
