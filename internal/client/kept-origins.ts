import type { SharedWord, SharedWords } from '../process/shared-memory.ts'

/** Origins to which some thread of the process has kept a connection. */
export type KeptOrigins = {
  note(origin: string): void
  has(origin: string): boolean
}

/** Discovery may name new origins for ever; words are never given back. */
const MOST_ORIGINS = 10_000

/**
 * What one thread's pool cannot know: a single KrakenD would have sent a call over a kept connection, whose end it
 * answers with another try. One shared word per origin.
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
      if (word !== undefined) Atomics.store(word.words, word.index, 1n)
    },
    has(origin) {
      const word = wordOf(origin)
      return word !== undefined && Atomics.load(word.words, word.index) === 1n
    },
  }
}
