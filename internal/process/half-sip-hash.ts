/** Hashes a text to 64 bits: the result is in `high` and `low` until the next call. */
export type KeyedHash = {
  hash(text: string): void
  readonly high: number
  readonly low: number
}

/** How often a message word is stirred in, and how often each half of the result (HalfSipHash-2-4). */
const WORD_ROUNDS = 2
const FINAL_ROUNDS = 4

/**
 * HalfSipHash-2-4 with 64 bits of result over the UTF-16LE bytes of a text (https://github.com/veorq/SipHash):
 * 32-bit arithmetic only, so it is quick here. Whoever does not know the seed cannot find texts that collide.
 */
export function halfSipHash(seed: readonly [number, number]): KeyedHash {
  const [k0, k1] = seed
  const state = new Int32Array(4)
  const result = { hash, high: 0, low: 0 }

  function stir(word: number): void {
    state[3] = (state[3] as number) ^ word
    rounds(state, WORD_ROUNDS)
    state[0] = (state[0] as number) ^ word
  }

  function hash(text: string): void {
    state[0] = k0
    state[1] = k1 ^ 0xee
    state[2] = k0 ^ 0x6c796765
    state[3] = k1 ^ 0x74656462
    const whole = text.length - (text.length & 1)
    for (let at = 0; at < whole; at += 2)
      stir(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16))
    const last = whole < text.length ? text.charCodeAt(whole) : 0
    // The length in bytes, as far as it fits, tells "a" from "a\0".
    stir(((text.length * 2) << 24) | (last & 0xffffff))
    state[2] = (state[2] as number) ^ 0xee
    rounds(state, FINAL_ROUNDS)
    result.low = (state[1] as number) ^ (state[3] as number)
    state[1] = (state[1] as number) ^ 0xdd
    rounds(state, FINAL_ROUNDS)
    result.high = (state[1] as number) ^ (state[3] as number)
  }
  return result
}

function rounds(state: Int32Array, count: number): void {
  let v0 = state[0] as number
  let v1 = state[1] as number
  let v2 = state[2] as number
  let v3 = state[3] as number
  for (let round = 0; round < count; round++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  state[0] = v0
  state[1] = v1
  state[2] = v2
  state[3] = v3
}
