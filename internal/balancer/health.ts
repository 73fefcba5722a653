import type { Snapshot } from '../discovery/discovery.ts'
import type { SharedWord } from '../process/shared-memory.ts'
import type { SharedTable } from '../process/shared-table.ts'
import { afterEjection, lastsUntil } from './ejection-news.ts'
import { type HealthWord, NO_TROUBLE, readWord, writtenWord } from './health-word.ts'
import { withoutHosts } from './without-hosts.ts'

/** When a host that fails is taken out of its list for a while. */
export type EjectionRules = {
  readonly consecutiveFailures: number
  /** The first time; each further time as much longer. */
  readonly ejectionMs: number
  /** The share of a list that may be out at once. */
  readonly maxEjected: number
  /** With fewer than this share left everyone serves again: then it is not the hosts that fail. */
  readonly failOpenBelow: number
}

export type HealthOptions = {
  /** The list's name: what is known of a host is known per service. */
  readonly name: string
  /** `undefined`: only hosts that the guard holds are taken out, when they refuse connections. */
  readonly rules: EjectionRules | undefined
  /** Shared by all threads. */
  readonly table: SharedTable
  /** Of this list, the same in all threads: until when its last ejection lasts, and how many there were. */
  readonly news: SharedWord
  /** The same in all threads. */
  readonly clock: () => number
  /** Told when this thread takes a host out, and for how long. */
  readonly onEjected: (url: string, forMs: number) => void
}

/** How often a thread looks what the others know. */
const LOOK_MS = 100
const LONGEST_EJECTION_MS = 300_000
/** What is known of a host is forgotten when nothing happened for so long. */
const IDLE_MS = 2 * LONGEST_EJECTION_MS
/** A host that the registry names no more and that refuses connections is gone, or restarts and will be named again. */
const HELD_EJECTION_MS = 30_000
const MOST_TRIES = 8

/** Which hosts of a list are out, as far as this thread knows: what others learn is seen a moment later. */
export class Health {
  readonly #options: HealthOptions
  #last: Snapshot | undefined
  #view: Snapshot | undefined
  #out: ReadonlyMap<number, number> = NOBODY
  #lookAtMs = 0
  /** The news when this thread last went through the list, and when the first of those that were out comes back. */
  #seen = 0n
  #backAtMs = Number.POSITIVE_INFINITY
  /** Nobody of this list can be out. */
  #isIdle = true

  constructor(options: HealthOptions) {
    this.#options = options
  }

  /** The list without those that are out. */
  current(snapshot: Snapshot): Snapshot {
    if (snapshot !== this.#last) this.#take(snapshot)
    if (this.#isIdle) return snapshot
    const nowMs = this.#options.clock()
    if (nowMs >= this.#lookAtMs) this.#look(snapshot, nowMs)
    return this.#view ?? snapshot
  }

  /** A call to a host failed; `isRefused` when no connection could be made. */
  failed(snapshot: Snapshot, at: number, isRefused: boolean): void {
    const { rules } = this.#options
    const isHeld = snapshot.instances[at]?.isHeld === true && isRefused
    if (rules === undefined && !isHeld) return
    const nowMs = this.#options.clock()
    let wasOut = false
    const word = this.#change(snapshot, at, (known) => {
      const failures = known.failures + 1
      wasOut = known.outUntilMs > nowMs
      if (wasOut) return known
      if (isHeld) return { ...known, failures: 0, outUntilMs: nowMs + HELD_EJECTION_MS }
      if (rules === undefined || failures < rules.consecutiveFailures) return { ...known, failures }
      if (!this.#mayEject(snapshot, rules, nowMs)) return { ...known, failures }
      const times = known.times + 1
      const outMs = Math.min(rules.ejectionMs * times, LONGEST_EJECTION_MS)
      return { failures: 0, times, outUntilMs: nowMs + outMs }
    })
    if (word === undefined || word.outUntilMs <= nowMs) return
    // Whoever else learns of it late, by a call that was under way, did not do it.
    if (!wasOut) {
      this.#announce(word.outUntilMs)
      this.#options.onEjected(snapshot.urls[at] as string, word.outUntilMs - nowMs)
    }
    this.#look(snapshot, nowMs)
  }

  /** A call to a host went well: its failures are no row any more. */
  succeeded(snapshot: Snapshot, at: number): void {
    if (this.#options.rules === undefined) return
    const nowMs = this.#options.clock()
    this.#change(snapshot, at, (known) => {
      const isLongAgo = nowMs - known.outUntilMs > LONGEST_EJECTION_MS
      if (known.failures === 0 && !(isLongAgo && known.times > 0)) return known
      return { ...known, failures: 0, times: isLongAgo ? 0 : known.times }
    })
  }

  #take(snapshot: Snapshot): void {
    this.#last = snapshot
    this.#view = undefined
    this.#out = NOBODY
    this.#lookAtMs = 0
    this.#seen = 0n
    this.#backAtMs = Number.POSITIVE_INFINITY
    const hasHeld = snapshot.instances.some(({ isHeld }) => isHeld === true)
    this.#isIdle = snapshot.urls.length < 2 || (this.#options.rules === undefined && !hasHeld)
  }

  #look(snapshot: Snapshot, nowMs: number): void {
    if (snapshot !== this.#last) return
    this.#lookAtMs = nowMs + LOOK_MS
    const { words, index } = this.#options.news
    const news = Atomics.load(words, index)
    // Long lists are not gone through ten times a second for nothing.
    if (news === this.#seen && nowMs < this.#backAtMs) return
    this.#seen = news
    const out = lastsUntil(news) > nowMs ? this.#outOf(snapshot, nowMs) : NOBODY
    this.#backAtMs = Math.min(...out.values())
    if (isSame(out, this.#out)) return
    this.#out = out
    const left = 1 - out.size / snapshot.urls.length
    const failOpenBelow = this.#options.rules?.failOpenBelow ?? 0
    this.#view =
      out.size === 0 || left < failOpenBelow
        ? undefined
        : withoutHosts(snapshot, new Set(out.keys()))
  }

  /** Who is out, and until when. */
  #outOf(snapshot: Snapshot, nowMs: number): ReadonlyMap<number, number> {
    const { rules, table } = this.#options
    const out = new Map<number, number>()
    for (const [at, { isHeld }] of snapshot.instances.entries()) {
      if (rules === undefined && isHeld !== true) continue
      const place = this.#find(snapshot, at)
      if (place < 0) continue
      const { outUntilMs } = readWord(Atomics.load(table.words, place))
      if (outUntilMs > nowMs) out.set(at, outUntilMs)
    }
    return out
  }

  #mayEject(snapshot: Snapshot, { maxEjected }: EjectionRules, nowMs: number): boolean {
    const out = this.#outOf(snapshot, nowMs)
    const held = [...out.keys()].filter((at) => snapshot.instances[at]?.isHeld === true)
    return out.size - held.length + 1 <= maxEjected * snapshot.urls.length
  }

  /** Changes what all threads know of a host; `undefined` when they are too many at it. */
  #change(
    snapshot: Snapshot,
    at: number,
    change: (known: HealthWord) => HealthWord,
  ): HealthWord | undefined {
    const { words } = this.#options.table
    const place = this.#find(snapshot, at)
    for (let attempt = 0; place >= 0 && attempt < MOST_TRIES; attempt++) {
      const seen = Atomics.load(words, place)
      const known = seen === 0n ? NO_TROUBLE : readWord(seen)
      const next = change(known)
      if (next === known) return known
      if (Atomics.compareExchange(words, place, seen, writtenWord(next)) === seen) return next
    }
    return undefined
  }

  /** Has all threads go through the list. */
  #announce(untilMs: number): void {
    const { words, index } = this.#options.news
    for (;;) {
      const seen = Atomics.load(words, index)
      if (Atomics.compareExchange(words, index, seen, afterEjection(seen, untilMs)) === seen) return
    }
  }

  #find(snapshot: Snapshot, at: number): number {
    const { name, table, clock } = this.#options
    return table.find(`health ${name} ${snapshot.urls[at]}`, clock(), IDLE_MS)
  }
}

const NOBODY: ReadonlyMap<number, number> = new Map()

const isSame = (one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): boolean =>
  one.size === other.size && [...one.keys()].every((at) => other.has(at))
