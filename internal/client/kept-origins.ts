import type { SharedWord, SharedWords } from '../process/shared-memory.ts'

/** Origins to which some thread of the process has kept a connection. */
export type KeptOrigins = {
  note(origin: string): void
  /** Whether there was one when a call started, `startMs` on this thread's `performance.now()`. */
  hadAt(origin: string, startMs: number): boolean
}

/** Discovery may name new origins for ever; words are never given back. */
const MOST_ORIGINS = 10_000

/**
 * What one thread's pool cannot know: a single KrakenD would have sent a call over a kept connection, whose end it
 * answers with another try. One shared word per origin: when the first was kept, in microseconds since the epoch.
 */
export function keptOrigins(words: SharedWords): KeptOrigins {
  const known = new Map<string, SharedWord>()
  const wordOf = (origin: string): SharedWord | undefined => {
    const found = known.get(origin)
    if (found !== undefined || known.size >= MOST_ORIGINS) return found
    const word = words.word(`kept ${origin}`)
    known.set(origin, word)
    return word
  }
  return {
    note(origin) {
      const word = wordOf(origin)
      if (word !== undefined)
        Atomics.compareExchange(word.words, word.index, 0n, sinceEpoch(performance.now()))
    },
    hadAt(origin, startMs) {
      const word = wordOf(origin)
      if (word === undefined) return false
      const first = Atomics.load(word.words, word.index)
      return first !== 0n && first <= sinceEpoch(startMs)
    },
  }
}

/** Threads count from different moments. */
const sinceEpoch = (ms: number): bigint =>
  BigInt(Math.trunc((performance.timeOrigin + ms) * MICROSECONDS))
const MICROSECONDS = 1000
