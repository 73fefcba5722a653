import { keyBytes, sharedKeys } from './shared-keys.ts'

/** Places that requests hold for a while: calls in flight, the one trial of a half-open breaker. */
export type SharedSlot = {
  /** Takes one unless `limit` are taken in all threads together. */
  acquire(limit: number): boolean
  /** Gives one back that this thread took. */
  release(): void
  /** Taken in all threads. */
  inUse(): number
}
export type SharedSlots = {
  /** The slot of `key`. Keys are given out when a gateway is built, never per request. */
  slot(key: string): SharedSlot
}

/** How many keys a process can have over its life. */
const SLOTS = 2 ** 15

/** How often two threads that are in each other's way for the last place try again. */
const MOST_TRIES = 16

/** Memory for the slots of threads 0 to `threads` - 1: made once by the main thread. */
export function slotMemory(threads: number, slots = SLOTS): SharedArrayBuffer {
  if (slots < 1 || (slots & (slots - 1)) !== 0) throw new RangeError('slots: a power of two')
  return new SharedArrayBuffer(keyBytes(slots) + slots * threads * Int32Array.BYTES_PER_ELEMENT)
}

type SlotOptions = {
  readonly threads: number
  /** This thread's number. */
  readonly thread: number
}

/**
 * The slots as thread number `thread` uses them. Each thread has a count of its own and no total is kept: a
 * thread may die between any two writes, and a total would then be wrong for ever. Whoever wants a place
 * counts itself first and adds up then, so the limit holds whatever order threads come in.
 */
export function sharedSlots(memory: SharedArrayBuffer, options: SlotOptions): SharedSlots {
  const { threads, thread } = options
  const { placeOf, held } = layoutOf(memory, threads)
  return {
    slot(key) {
      const first = placeOf(key) * threads
      const own = first + thread
      const inUse = (): number => {
        let total = 0
        for (let at = first; at < first + threads; at++) total += Atomics.load(held, at)
        return total
      }
      return {
        inUse,
        acquire(limit) {
          for (let attempt = 0; attempt < MOST_TRIES && inUse() < limit; attempt++) {
            Atomics.add(held, own, 1)
            if (inUse() <= limit) return true
            Atomics.sub(held, own, 1)
          }
          return false
        },
        release: () => void Atomics.sub(held, own, 1),
      }
    },
  }
}

/** Gives back all that `thread` held. Called by the main thread when it is gone, before another takes its number. */
export function giveBackSlots(memory: SharedArrayBuffer, { threads, thread }: SlotOptions): void {
  const { held } = layoutOf(memory, threads)
  for (let at = thread; at < held.length; at += threads) Atomics.store(held, at, 0)
}

/** `[ keys | for each place one count per thread ]` */
function layoutOf(memory: SharedArrayBuffer, threads: number) {
  const places = memory.byteLength / (keyBytes(1) + threads * Int32Array.BYTES_PER_ELEMENT)
  return {
    placeOf: sharedKeys(memory, 0, places),
    held: new Int32Array(memory, keyBytes(places), places * threads),
  }
}
