/** One kind of bucket; its state is a shared word that is 0n before the first request. */
export type TokenBucket = {
  /** From now on intervals count, unless they do already; otherwise they do from the first request on. */
  start(words: BigInt64Array, index: number, nowMs: number): void
  /** Takes a token. `nowMs` is the same clock in all threads. */
  take(words: BigInt64Array, index: number, nowMs: number): boolean
}

export type BucketSize = {
  /** How many come into the bucket in a second. */
  readonly perSecond: number
  /** How many it holds. */
  readonly capacity: number
  /** It starts full unless told. */
  readonly startsEmpty?: boolean
}

/** KrakenD's words for a request that finds no token, spelling included: clients and log searches know them. */
export const LIMITED = 'rate limit exceded'

/** What a bucket holds when nothing is said: the rate of a second, one at least. */
export const usualCapacity = (perSecond: number): number => Math.max(1, Math.trunc(perSecond))

const NS_PER_SECOND = 1e9
const NS_PER_MS = 1e6
const SLOWEST_PER_SECOND = 1e-9
/** Nobody empties a larger one. */
const LARGEST = 2 ** 32
/** A sign bit stays free. */
const WORD_BITS = 63
/** The clock may count this far, 18 years, before its units no longer fit beside the tokens. */
const RANGE_BITS = 59
/** Finer would not fit a double over that range. */
const FINEST_BITS = 6

/**
 * KrakenD's token bucket: it is refilled only when it is empty, by one token for each whole interval since the last
 * refill. A refill of more than the bucket holds leaves it full and lets this request through for nothing, so that a
 * burst after a pause can be what was left, one, and the capacity again.
 *
 *     63 bits:  [ time of the last refill, in units ][ tokens ]
 *
 * A unit is the interval divided by a power of two, so whole intervals are counted exactly. (Where the interval is
 * shorter than a unit can be, a unit is several intervals, and tokens come several at a time.) Threads change
 * the word by one compare-exchange: the limit is that of the process.
 */
export function tokenBucket({ perSecond, capacity, startsEmpty = false }: BucketSize): TokenBucket {
  const size = Math.min(Math.max(1, Math.trunc(capacity)), LARGEST)
  const stock = startsEmpty ? 0 : size
  const tokenBits = size.toString(2).length
  const shift = BigInt(tokenBits)
  const mask = (1n << shift) - 1n
  const intervalNs = Math.max(
    1,
    Math.floor(NS_PER_SECOND / Math.max(SLOWEST_PER_SECOND, perSecond)),
  )
  const finestNs = 2 ** Math.max(FINEST_BITS, RANGE_BITS - (WORD_BITS - tokenBits))
  const units = 2 ** Math.floor(Math.log2(intervalNs / finestNs))
  const unitsPerMs = (NS_PER_MS * units) / intervalNs

  const unitsAt = (nowMs: number): number => 1 + Math.floor(nowMs * unitsPerMs)
  const packed = (refilled: number, tokens: number): bigint =>
    (BigInt(refilled) << shift) | BigInt(tokens)

  return {
    start(words, index, nowMs) {
      Atomics.compareExchange(words, index, 0n, packed(unitsAt(nowMs), stock))
    },
    take(words, index, nowMs) {
      const now = unitsAt(nowMs)
      for (;;) {
        const before = Atomics.load(words, index)
        if (before === 0n && startsEmpty) {
          // From here on its intervals count.
          Atomics.compareExchange(words, index, before, packed(now, stock))
          return false
        }
        const tokens = before === 0n ? size : Number(before & mask)
        let refilled = before === 0n ? now : Number(before >> shift)
        let left = tokens - 1
        if (tokens === 0) {
          const gained = Math.floor((now - refilled) / units)
          if (gained <= 0) return false
          refilled += gained * units
          left = gained > size ? size : gained - 1
        }
        const after = packed(refilled, left)
        if (Atomics.compareExchange(words, index, before, after) === before) return true
      }
    },
  }
}
