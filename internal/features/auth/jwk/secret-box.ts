import { timingSafeEqual } from 'node:crypto'

/**
 * Opens NaCl's `crypto_secretbox` (XSalsa20 and Poly1305), which Go's local key service writes and OpenSSL does not
 * know. For a few bytes at start only: clear rather than fast.
 *
 * ```
 * box = tag (16 bytes) | message xor stream[32..]      stream[0..32] = Poly1305's key
 * ```
 */
export function openSecretBox(box: Buffer, nonce: Buffer, key: Buffer): Buffer | undefined {
  if (box.length < TAG_BYTES || nonce.length !== 24 || key.length !== 32) return undefined
  const sealed = box.subarray(TAG_BYTES)
  const subkey = hsalsa20(key, nonce.subarray(0, 16))
  const stream = salsa20Stream(subkey, nonce.subarray(16), 32 + sealed.length)
  const expected = poly1305(sealed, stream.subarray(0, 32))
  if (!timingSafeEqual(expected, box.subarray(0, TAG_BYTES))) return undefined
  return Buffer.from(sealed.map((byte, at) => byte ^ (stream[32 + at] as number)))
}

const TAG_BYTES = 16
const BLOCK_BYTES = 64
/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const
/** Rows and columns of the 4x4 state that one double round mixes, in order. */
const QUARTERS = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const

/** The state: constants on the diagonal, the key around them, sixteen bytes of input between. */
function stateOf(key: Buffer, input: Buffer): Uint32Array {
  const word = (bytes: Buffer, at: number) => bytes.readUInt32LE(at * 4)
  const [k, n] = [(at: number) => word(key, at), (at: number) => word(input, at)]
  const [c0, c1, c2, c3] = CONSTANTS
  return Uint32Array.of(
    ...[c0, k(0), k(1), k(2)],
    ...[k(3), c1, n(0), n(1)],
    ...[n(2), n(3), c2, k(4)],
    ...[k(5), k(6), k(7), c3],
  )
}

function mixed(state: Uint32Array): Uint32Array {
  const x = Uint32Array.from(state)
  const step = (to: number, a: number, b: number, turn: number): void => {
    const sum = ((x[a] as number) + (x[b] as number)) | 0
    x[to] = (x[to] as number) ^ ((sum << turn) | (sum >>> (32 - turn)))
  }
  for (let round = 0; round < 10; round++)
    for (const [a, b, c, d] of QUARTERS) {
      step(b, a, d, 7)
      step(c, b, a, 9)
      step(d, c, b, 13)
      step(a, d, c, 18)
    }
  return x
}

function hsalsa20(key: Buffer, input: Buffer): Buffer {
  const x = mixed(stateOf(key, input))
  return littleEndian([0, 5, 10, 15, 6, 7, 8, 9].map((at) => x[at] as number))
}

function salsa20Stream(key: Buffer, nonce: Buffer, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let block = 0; block * BLOCK_BYTES < length; block++) {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64LE(BigInt(block))
    const state = stateOf(key, Buffer.concat([nonce, counter]))
    blocks.push(littleEndian([...mixed(state)].map((word, at) => word + (state[at] as number))))
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function littleEndian(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4)
  for (const [at, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, at * 4)
  return bytes
}

/** RFC 8439, 2.5. */
function poly1305(message: Buffer, key: Buffer): Buffer {
  const prime = (1n << 130n) - 5n
  const r = number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  let sum = 0n
  for (let at = 0; at < message.length; at += 16) {
    const block = Buffer.concat([message.subarray(at, at + 16), Buffer.of(1)])
    sum = ((sum + number(block)) * r) % prime
  }
  const tag = (sum + number(key.subarray(16))) & ((1n << 128n) - 1n)
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse()
}

const number = (bytes: Buffer): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
