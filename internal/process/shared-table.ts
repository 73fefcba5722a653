import { randomBytes } from 'node:crypto'
import { halfSipHash } from './half-sip-hash.ts'

/** What every thread needs to share one table: made once by the main thread, handed over as it is. */
export type TableMemory = {
  readonly memory: SharedArrayBuffer
  /** Secret of the process: without it nobody can make keys that fall onto each other. */
  readonly seed: readonly [number, number]
}

/**
 * 64-bit words for keys that come with requests (client addresses, tokens). The table has a fixed size; a key
 * that nobody used for a while makes room for others.
 */
export type SharedTable = {
  readonly words: BigInt64Array
  /**
   * The index into `words` of `key`'s word; 0n when it is new or was not used for `idleMs`. The word stays this
   * key's for a second at least, so change it at once. `nowMs` is the same clock in all threads.
   *
   * When all 16 places where a key may stand are taken, the one that was used longest ago is forgotten: its
   * client starts afresh. When all 16 were used within the last two seconds, the answer is -1: the caller
   * refuses the request, because a limit that lets everyone through when crowded is none.
   */
  find(key: string, nowMs: number, idleMs: number): number
}

/** With 65,000 clients at a time about one in 100,000 finds 16 others in its places. 6 MB when all were used. */
const ENTRIES = 2 ** 18
/** Places where one key may stand. */
const WAYS = 16
/** Of one place: two halves of the key's hash, the second of its last use, and one left over. */
const CELLS = 4
const KEY_HIGH = 0
const KEY_LOW = 1
const USED = 2
/** Seconds during which a place stays its key's whatever happens. */
const SETTLED_SECONDS = 2
/** A place that another thread is changing is free again in under 1 us, or when that thread runs again. */
const MOST_LOOKS = 100
const MOST_WAITS = 50
const WAIT_MS = 1
/** Seconds are counted from 1 (0 is "never used", less is "being changed") to 2^30, which takes 34 years. */
const SECONDS_MASK = 2 ** 30 - 1

/** Memory for `sharedTable`. */
export function tableMemory(entries = ENTRIES): TableMemory {
  if (entries < WAYS || (entries & (entries - 1)) !== 0)
    throw new RangeError(`entries: a power of two, ${WAYS} at least`)
  const seed = randomBytes(8)
  const entryBytes = BigInt64Array.BYTES_PER_ELEMENT + CELLS * Int32Array.BYTES_PER_ELEMENT
  return {
    memory: new SharedArrayBuffer(entries * entryBytes),
    seed: [seed.readInt32LE(0), seed.readInt32LE(4)],
  }
}

/** The table in `memory`, the same for every thread. */
export function sharedTable({ memory, seed }: TableMemory): SharedTable {
  const entryBytes = BigInt64Array.BYTES_PER_ELEMENT + CELLS * Int32Array.BYTES_PER_ELEMENT
  const entries = memory.byteLength / entryBytes
  const words = new BigInt64Array(memory, 0, entries)
  const cells = new Int32Array(memory, words.byteLength, entries * CELLS)
  const keyed = halfSipHash(seed)
  const setMask = entries / WAYS - 1

  return {
    words,
    find(key, nowMs, idleMs) {
      keyed.hash(key)
      const ask: Ask = {
        words,
        cells,
        first: (keyed.low & setMask) * WAYS,
        high: keyed.high,
        low: keyed.low,
        now: (Math.floor(nowMs / 1000) & SECONDS_MASK) + 1,
        idleSeconds: Math.ceil(idleMs / 1000),
      }
      for (let look = 0; look < MOST_LOOKS + MOST_WAITS; look++) {
        const found = lookOnce(ask)
        if (found !== AGAIN) return found
        if (look >= MOST_LOOKS) Atomics.wait(cells, ask.first * CELLS + CELLS - 1, 0, WAIT_MS)
      }
      return NONE
    },
  }
}

type Ask = {
  readonly words: BigInt64Array
  readonly cells: Int32Array
  readonly first: number
  readonly high: number
  readonly low: number
  readonly now: number
  readonly idleSeconds: number
}
const NONE = -1
const AGAIN = -2

/**
 * Looks through the key's places once. Its own is found, or else the one that was used longest ago is taken:
 * all threads agree on that one, so a key never gets two places. Whoever changes a place holds it meanwhile
 * by a negative time; whoever meets such a place looks again, because it may be becoming the key's own.
 */
function lookOnce(ask: Ask): number {
  const { cells, first, now } = ask
  let oldest = NONE
  let oldestUsed = 0
  let oldestAge = SETTLED_SECONDS - 1
  for (let entry = first; entry < first + WAYS; entry++) {
    // The time first: a place whose time is read as new has its new key already.
    const used = Atomics.load(cells, entry * CELLS + USED)
    const age = ageOf(used, now)
    if (used < 0 && age < SETTLED_SECONDS) return AGAIN
    if (used > 0 && isKeyAt(ask, entry)) return useAgain(ask, entry, used)
    if (age <= oldestAge) continue
    oldest = entry
    oldestUsed = used
    oldestAge = age
  }
  return oldest === NONE ? NONE : take(ask, oldest, oldestUsed)
}

/** Never used is oldest of all; so is what a dead thread left half-changed, or a time that is yet to come. */
function ageOf(used: number, now: number): number {
  if (used === 0) return Number.POSITIVE_INFINITY
  const age = now - Math.abs(used)
  return age < -SETTLED_SECONDS ? Number.POSITIVE_INFINITY : age
}

function isKeyAt({ cells, high, low }: Ask, entry: number): boolean {
  const at = entry * CELLS
  return Atomics.load(cells, at + KEY_LOW) === low && Atomics.load(cells, at + KEY_HIGH) === high
}

function useAgain(ask: Ask, entry: number, used: number): number {
  const { cells, now, idleSeconds } = ask
  const age = ageOf(used, now)
  if (age > idleSeconds) return take(ask, entry, used)
  // Once it is marked as used now nobody else takes it; before that somebody may have.
  if (age <= 0) return entry
  const at = entry * CELLS + USED
  if (Atomics.compareExchange(cells, at, used, now) !== used) return AGAIN
  return isKeyAt(ask, entry) ? entry : AGAIN
}

function take({ words, cells, high, low, now }: Ask, entry: number, used: number): number {
  const at = entry * CELLS
  if (Atomics.compareExchange(cells, at + USED, used, -now) !== used) return AGAIN
  Atomics.store(cells, at + KEY_HIGH, high)
  Atomics.store(cells, at + KEY_LOW, low)
  Atomics.store(words, entry, 0n)
  Atomics.store(cells, at + USED, now)
  return entry
}
