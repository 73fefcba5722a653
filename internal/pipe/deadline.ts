import { GatewayError } from '../errors.ts'
import type { RequestNote, SpanContext } from '../telemetry/request-note.ts'
import type { RouteMeter } from '../telemetry/route-meter.ts'

/** How exact a time-out is. Finer costs more wake-ups; KrakenD's smallest sensible timeouts are tens of milliseconds. */
const TICK_MS = 5
const SLOTS = 1024

/** Told when the reply's last byte was handed over, or the reply was cut. Must not throw. */
export type Replied = (status: number, bytes: number, tookMs: number) => void

/** Told once, with the reason, when the deadline is over. Must not throw. */
export type Ending = (reason: GatewayError) => void

/**
 * The time a request has, and whether somebody still waits for it (Go's context). It ends once: by
 * time-out, by the client hanging up (`cancel`), or quietly by `finish`. Time-outs sit in a wheel of
 * one timer per thread: 3 ns instead of a timer's 286.
 */
export class Deadline {
  /** When the request came, on the clock of `performance.now()`. */
  readonly startMs: number
  /** When its time began to count: at the start, or when guards were done with their waiting. */
  #fromMs: number
  /** When its time is up, on the same clock; `Infinity` until `limit`. */
  atMs = Number.POSITIVE_INFINITY
  /** Whose numbers the request counts into: set by the router when it knows. */
  meter: RouteMeter | undefined
  /** The span that the work inside this deadline belongs to; deadlines inside it have the same one. */
  span: SpanContext | undefined
  /** Where the endpoint leaves its name for who observes the request; only the request's own deadline has it. */
  note: RequestNote | undefined
  /** Why it is over; `undefined` while it runs and after `finish`. */
  reason: GatewayError | undefined
  #isFinished = false
  #endings: Ending[] | Ending | undefined
  #cleanups: (() => void)[] | undefined
  #listeners: Replied[] | undefined
  /** The wheel's doubly linked list. */
  next: Deadline | undefined
  previous: Deadline | undefined
  slot = -1
  readonly #wheel: DeadlineWheel

  constructor(wheel: DeadlineWheel, startMs: number) {
    this.#wheel = wheel
    this.startMs = startMs
    this.#fromMs = startMs
  }

  /** From now on the time is up `timeoutMs` after the start. Asked once, by the router. */
  limit(timeoutMs: number): this {
    this.atMs = this.#fromMs + timeoutMs
    if (timeoutMs < SHORTEST_MS) this.end(new GatewayError('timeout'))
    if (!this.#isFinished && this.reason === undefined) this.#wheel.add(this)
    return this
  }

  /** Until `restart` no time counts: for a guard's wait that has a limit of its own. Only the client ends it. */
  hold(): void {
    this.#wheel.remove(this)
  }

  /** The time begins anew: what guards waited for is not the endpoint's, as in KrakenD. */
  restart(): void {
    if (this.#isFinished) return
    const timeoutMs = this.atMs - this.#fromMs
    this.#fromMs = performance.now()
    if (timeoutMs === Number.POSITIVE_INFINITY) return
    this.#wheel.remove(this)
    this.atMs = this.#fromMs + timeoutMs
    this.#wheel.add(this)
  }

  get isOver(): boolean {
    return this.reason !== undefined
  }

  remainingMs(nowMs: number): number {
    return this.atMs - nowMs
  }

  /** Calls `ending` when this is over, at once if it already is; the returned function takes it back. */
  whenOver(ending: Ending): () => void {
    if (this.reason !== undefined) {
      ending(this.reason)
      return noop
    }
    if (this.#endings === undefined) this.#endings = ending
    else if (typeof this.#endings === 'function') this.#endings = [this.#endings, ending]
    else this.#endings.push(ending)
    return () => this.forget(ending)
  }

  /** Takes back what `whenOver` was given: cheaper than its closure where the caller keeps `ending`. */
  forget(ending: Ending): void {
    if (this.#endings === ending) this.#endings = undefined
    else if (Array.isArray(this.#endings)) {
      const at = this.#endings.indexOf(ending)
      if (at >= 0) this.#endings.splice(at, 1)
    }
  }

  /** Calls `cleanup` once nobody works for this request any more, however it ended. */
  whenDone(cleanup: () => void): void {
    if (this.#isFinished) return cleanup()
    this.#cleanups ??= []
    this.#cleanups.push(cleanup)
  }

  /** Calls `listener` when the request is answered. For the request's own deadline only. */
  whenReplied(listener: Replied): void {
    this.#listeners ??= []
    this.#listeners.push(listener)
  }

  /** Tells who waits for the end of the reply. The listener's way in. */
  replied(status: number, bytes: number, tookMs: number): void {
    if (this.#listeners === undefined) return
    for (const listener of this.#listeners) listener(status, bytes, tookMs)
  }

  /** This deadline for work that belongs to `span`: ends with this one. */
  inSpan(span: SpanContext): Deadline {
    const child = this.#inside(this.#fromMs, this.atMs - this.#fromMs)
    child.span = span
    this.whenDone(() => child.finish())
    return child
  }

  /** A deadline inside this one that ends no later: at `share` of this one's time (KrakenD's 0.85 and 0.75). */
  sooner(share: number): Deadline {
    return this.#inside(this.#fromMs, (this.atMs - this.#fromMs) * share)
  }

  /** A deadline inside this one: `timeoutMs` from now, or with it. */
  within(timeoutMs: number): Deadline {
    return this.#inside(performance.now(), timeoutMs)
  }

  #inside(startMs: number, timeoutMs: number): Deadline {
    const child = new Deadline(this.#wheel, startMs).limit(timeoutMs)
    const take = (reason: GatewayError) => child.end(reason)
    this.whenOver(take)
    child.#parent = { deadline: this, take }
    child.span = this.span
    return child
  }
  #parent: { readonly deadline: Deadline; readonly take: Ending } | undefined

  /** The client is gone, or nobody needs the answer any more. */
  cancel(): void {
    this.end(new GatewayError('canceled'))
  }

  /** The answer is there: nobody is told anything any more. */
  finish(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#endings = undefined
    this.#wheel.remove(this)
    this.#parent?.deadline.forget(this.#parent.take)
    if (this.#cleanups !== undefined) for (const cleanup of this.#cleanups) cleanup()
  }

  /** Ends it now, for `reason`. The wheel's and the parent's way in. */
  end(reason: GatewayError): void {
    if (this.#isFinished || this.reason !== undefined) return
    this.reason = reason
    const endings = this.#endings
    this.finish()
    if (typeof endings === 'function') endings(reason)
    else if (endings !== undefined) for (const ending of endings) ending(reason)
  }
}

/** No call is done in less: nothing is tried then (a bare number in a configuration is nanoseconds). */
const SHORTEST_MS = 0.05

/** One timer for all deadlines of a thread; it rests while there are none. */
export class DeadlineWheel {
  readonly #slots: (Deadline | undefined)[] = new Array(SLOTS).fill(undefined)
  #timer: NodeJS.Timeout | undefined
  #count = 0
  #tick = 0

  /** A deadline that only the client's hanging up ends, until `limit` gives it a time. */
  start(startMs: number): Deadline {
    return new Deadline(this, startMs)
  }

  add(deadline: Deadline): void {
    if (this.#count++ === 0) this.#wake()
    // A time that is up already is seen at the next turn, not after a whole round.
    const slot = Math.max(Math.ceil(deadline.atMs / TICK_MS), this.#tick + 1) % SLOTS || 0
    const first = this.#slots[slot]
    deadline.slot = slot
    deadline.next = first
    if (first !== undefined) first.previous = deadline
    this.#slots[slot] = deadline
  }

  remove(deadline: Deadline): void {
    if (deadline.slot < 0) return
    if (deadline.previous !== undefined) deadline.previous.next = deadline.next
    else this.#slots[deadline.slot] = deadline.next
    if (deadline.next !== undefined) deadline.next.previous = deadline.previous
    deadline.slot = -1
    deadline.next = undefined
    deadline.previous = undefined
    this.#count--
  }

  #wake(): void {
    if (this.#timer !== undefined) return
    this.#tick = Math.floor(performance.now() / TICK_MS)
    this.#timer = setInterval(() => this.#turn(), TICK_MS)
    this.#timer.unref()
  }

  #turn(): void {
    const nowMs = performance.now()
    const now = Math.floor(nowMs / TICK_MS)
    const turns = Math.min(now - this.#tick, SLOTS)
    const due: Deadline[] = []
    for (let turn = 1; turn <= turns; turn++) {
      let deadline = this.#slots[(this.#tick + turn) % SLOTS]
      for (; deadline !== undefined; deadline = deadline.next)
        if (deadline.atMs <= nowMs) due.push(deadline)
    }
    this.#tick = now
    // Apart from the walk: the end of one takes others out of the list.
    for (const deadline of due) deadline.end(new GatewayError('timeout'))
    if (this.#count === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}

const noop = () => {}
