import { getHeapStatistics } from 'node:v8'
import { GatewayError } from '../../../../errors.ts'
import type { Deadline } from '../../../../pipe/deadline.ts'

/** Steps (turns of loops, calls, 64 bytes of text) after which a script makes way for other requests: well under a millisecond. */
export const SLICE_STEPS = 20_000
/** Steps a script may take in all: seconds of work, for scripts whose endpoint has no timeout. */
const MOST_STEPS = 200_000_000
/** Bytes a script may take in all, what it gave up included. */
const MOST_BYTES = 128 << 20
/** Bytes of one string. */
export const LONGEST_TEXT = 16 << 20
/** How much the thread's heap may grow while one script runs without a break. */
const MOST_HEAP_GROWTH = 192 << 20

/** Ends a script for good: no `pcall` sees it. */
export const outOf = (what: string): GatewayError =>
  new GatewayError('component', { message: `the script is out of ${what}` })

/** What one execution has used of its time and memory. */
export class Budget {
  readonly #deadline: Deadline
  #bytes = 0
  #steps = 0
  #heapAtStart = -1

  constructor(deadline: Deadline) {
    this.#deadline = deadline
  }

  take(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > MOST_BYTES) throw outOf('memory')
  }

  /** After each slice of `steps`: throws when there is no time or memory left. */
  check(steps: number): void {
    if (this.#deadline.reason !== undefined) throw this.#deadline.reason
    if (performance.now() > this.#deadline.atMs) throw new GatewayError('timeout')
    this.#steps += steps
    if (this.#steps > MOST_STEPS) throw outOf('steps')
    const heap = getHeapStatistics().used_heap_size
    if (this.#heapAtStart < 0) this.#heapAtStart = heap
    else if (heap - this.#heapAtStart > MOST_HEAP_GROWTH) throw outOf('memory')
  }
}
