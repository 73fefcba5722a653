import type { SharedWord } from '../../../process/shared-memory.ts'
import type { SharedSlot } from '../../../process/shared-slots.ts'

export type BreakerState = 'closed' | 'half-open' | 'open'
export type Outcome = 'success' | 'failure' | 'excluded'

/** What a request that was let in brings back to `leave`. */
export type Ticket = bigint

export type BreakerOptions = {
  /** Its state, for the process: 0n at first. */
  readonly word: SharedWord
  /** The one trial of a half-open breaker: given back when the thread that makes it dies. */
  readonly trial: SharedSlot
  /** So many failures in a row are endured; `MOST_ERRORS` at most. */
  readonly maxErrors: number
  /** Failures are forgotten when a window of this length ends; 0: never. */
  readonly intervalMs: number
  /** How long it stays open. */
  readonly openMs: number
  readonly clock: () => number
  readonly changed: (from: BreakerState, to: BreakerState) => void
}

/** A circuit breaker with gobreaker's rules, one for all threads. */
export type Breaker = {
  /** A ticket, or why the request may not pass. */
  enter(): Ticket | 'open' | 'too-many'
  leave(ticket: Ticket, outcome: Outcome): void
}

const STATES = ['closed', 'half-open', 'open'] as const
const CLOSED = 0
const HALF_OPEN = 1
const OPEN = 2

const STATE_BITS = 2n
const FAILURE_BITS = 14n
const GENERATION_BITS = 7n
const FAILURE_SHIFT = STATE_BITS
const GENERATION_SHIFT = FAILURE_SHIFT + FAILURE_BITS
const EXPIRY_SHIFT = GENERATION_SHIFT + GENERATION_BITS
const mask = (bits: bigint): bigint => (1n << bits) - 1n

/** What the failure count has room for. */
export const MOST_ERRORS = Number(mask(FAILURE_BITS))

/**
 * The whole state is one word, changed by compare-exchange:
 *
 *     [ expiry in ms, 40 bits ][ generation, 7 ][ failures in a row, 14 ][ state, 2 ]
 *
 * Every change of state and every new window starts a generation; what requests of an earlier one bring back is
 * ignored. The clock, which starts with the machine, has room for 34 years.
 */
export function breaker(options: BreakerOptions): Breaker {
  const { trial, maxErrors, intervalMs, openMs, clock, changed } = options
  const { words, index } = options.word
  const lifeMs = [intervalMs, 0, openMs]

  const begun = (before: Ticket, state: number, nowMs: number): Ticket => {
    const life = lifeMs[state] as number
    const expiry = life === 0 ? 0n : BigInt(Math.ceil(nowMs + life))
    const generation = (generationOf(before) + 1n) & mask(GENERATION_BITS)
    return (expiry << EXPIRY_SHIFT) | (generation << GENERATION_SHIFT) | BigInt(state)
  }
  const swap = (before: Ticket, after: Ticket): boolean => {
    if (Atomics.compareExchange(words, index, before, after) !== before) return false
    const [from, to] = [stateOf(before), stateOf(after)]
    if (from !== to) changed(STATES[from] as BreakerState, STATES[to] as BreakerState)
    return true
  }
  /** The state now: a window or an open time that is over ends here. */
  const current = (): Ticket => {
    for (;;) {
      const word = Atomics.load(words, index)
      const expiry = word >> EXPIRY_SHIFT
      if (expiry === 0n) return word
      const nowMs = clock()
      if (nowMs <= Number(expiry)) return word
      swap(word, begun(word, stateOf(word) === OPEN ? HALF_OPEN : CLOSED, nowMs))
    }
  }
  const next = (word: Ticket, isSuccess: boolean): Ticket => {
    if (stateOf(word) === HALF_OPEN) return begun(word, isSuccess ? CLOSED : OPEN, clock())
    const failures = (word >> FAILURE_SHIFT) & mask(FAILURE_BITS)
    if (isSuccess) return word - (failures << FAILURE_SHIFT)
    if (failures >= BigInt(maxErrors)) return begun(word, OPEN, clock())
    return word + (1n << FAILURE_SHIFT)
  }
  const settle = (ticket: Ticket, isSuccess: boolean): void => {
    for (;;) {
      const word = current()
      if (generationOf(word) !== generationOf(ticket)) return
      const after = next(word, isSuccess)
      if (after === word || swap(word, after)) return
    }
  }

  Atomics.compareExchange(words, index, 0n, begun(0n, CLOSED, clock()))
  return {
    enter() {
      for (;;) {
        const word = current()
        const state = stateOf(word)
        if (state === CLOSED) return word
        if (state === OPEN) return 'open'
        if (!trial.acquire(1)) return 'too-many'
        if (Atomics.load(words, index) === word) return word
        // The trial before this one ended meanwhile.
        trial.release()
      }
    },
    leave(ticket, outcome) {
      if (outcome !== 'excluded') settle(ticket, outcome === 'success')
      if (stateOf(ticket) === HALF_OPEN) trial.release()
    },
  }
}

const stateOf = (word: Ticket): number => Number(word & mask(STATE_BITS))
const generationOf = (word: Ticket): bigint => (word >> GENERATION_SHIFT) & mask(GENERATION_BITS)
