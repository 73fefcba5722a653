import { hash } from 'node:crypto'

/** Keys are spread evenly, so a longer search means a full table. */
const LONGEST_PROBE = 1024

/** How many bytes `sharedKeys` needs for `places` keys. */
export const keyBytes = (places: number): number => places * 2 * BigInt64Array.BYTES_PER_ELEMENT

/**
 * Gives each key a number below `places` (a power of two), the same in every thread. Whoever comes first takes
 * a place by compare-exchange on each half of the key's 128-bit hash, so that threads which ask for one key at
 * the same moment get the same place, and none waits for another. Throws a `RangeError` when all are taken.
 *
 *     place   first half   second half
 *     0       [ 5c1f.. ]   [ 90aa.. ]     "cursor 3"
 *     1       [ 0      ]   [ 0      ]     free
 */
export function sharedKeys(
  memory: SharedArrayBuffer,
  offsetBytes: number,
  places: number,
): (key: string) => number {
  const firsts = new BigInt64Array(memory, offsetBytes, places)
  const seconds = new BigInt64Array(memory, offsetBytes + firsts.byteLength, places)
  const isTaken = (halves: BigInt64Array, place: number, half: bigint): boolean => {
    const before = Atomics.compareExchange(halves, place, 0n, half)
    return before === 0n || before === half
  }
  return function placeOf(key) {
    const [first, second] = halvesOf(key)
    const start = Number(BigInt.asUintN(32, first))
    for (let step = 0; step < Math.min(places, LONGEST_PROBE); step++) {
      const place = (start + step) & (places - 1)
      if (isTaken(firsts, place, first) && isTaken(seconds, place, second)) return place
    }
    throw new RangeError(`all ${places} shared places are taken: restart the gateway`)
  }
}

/** 128 bits of SHA-256, neither half 0 (which means free). No two keys of one process share them. */
function halvesOf(key: string): [bigint, bigint] {
  const digest = hash('sha256', key, 'buffer')
  return [digest.readBigInt64LE(0) || 1n, digest.readBigInt64LE(8) || 1n]
}
