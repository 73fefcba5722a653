import { keyBytes, sharedKeys } from './shared-keys.ts'

/**
 * 64-bit words that all threads change by compare-exchange: one per key, zero at first. The main thread
 * hands the memory to every thread; the same key gives the same word everywhere.
 */
export type SharedWords = {
  /**
   * The word of `key`. Keys are given out when a gateway is built, never per request.
   * Throws a `RangeError` when all words are taken.
   */
  word(key: string): SharedWord
}
/**
 * One word: read it, and change it if it is still what was read. `halves` is the same memory as counters of 32 bits
 * (the word's are at twice `index`): half the cost of a 64-bit one.
 */
export type SharedWord = {
  readonly words: BigInt64Array
  readonly halves: Int32Array
  readonly index: number
}

/**
 * How many keys a process can have over its life (reloads included). Three per backend of 10,000 endpoints
 * fill a tenth; memory is only taken for pages that are touched.
 */
const WORDS = 2 ** 18

/** Memory for `sharedWords`: made once by the main thread and handed to every thread as it is. */
export function wordMemory(words = WORDS): SharedArrayBuffer {
  if (words < 1 || (words & (words - 1)) !== 0) throw new RangeError('words: a power of two')
  return new SharedArrayBuffer(keyBytes(words) + words * BigInt64Array.BYTES_PER_ELEMENT)
}

/** The words in `memory`, by key. */
export function sharedWords(memory: SharedArrayBuffer): SharedWords {
  const count = memory.byteLength / (keyBytes(1) + BigInt64Array.BYTES_PER_ELEMENT)
  const placeOf = sharedKeys(memory, 0, count)
  const words = new BigInt64Array(memory, keyBytes(count), count)
  const halves = new Int32Array(memory, keyBytes(count), 2 * count)
  return { word: (key) => ({ words, halves, index: placeOf(key) }) }
}
