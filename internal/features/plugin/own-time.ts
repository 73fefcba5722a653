import type { Deadline } from '../../pipe/deadline.ts'

/**
 * The time that a plugin around the server takes for itself: before the router is asked no route and so no time-out is
 * known, and behind it there is none when no route was found. Where the endpoint's time counts, this one rests.
 */
export class OwnTime {
  /** Rejects when it is used up. */
  readonly over: Promise<never>
  readonly #deadline: Deadline
  readonly #timeoutMs: number
  readonly #end: (reason: Error) => void
  #running: Deadline | undefined
  #pauses = 0

  /** It runs from now on. */
  constructor(deadline: Deadline, timeoutMs: number) {
    const { promise, reject } = Promise.withResolvers<never>()
    this.over = promise
    this.#end = reject
    this.#deadline = deadline
    this.#timeoutMs = timeoutMs
    this.#run()
  }

  pause(): void {
    this.#pauses++
    this.#running?.finish()
    this.#running = undefined
  }

  /** All of it is there again: what the router did is not the plugin's doing. */
  resume(): void {
    if (--this.#pauses === 0) this.#run()
  }

  #run(): void {
    if (Number.isFinite(this.#deadline.atMs)) return
    const running = this.#deadline.within(this.#timeoutMs)
    this.#running = running
    running.whenOver((reason) => {
      // When the request itself is over, the plugin still hears of the router's answer.
      if (!this.#deadline.isOver) this.#end(reason)
    })
  }
}
