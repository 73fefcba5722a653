const ROUNDS = 16
const P_WORDS = ROUNDS + 2
const S_WORDS = 4 * 256
const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const MAGIC = Buffer.from('OrpheanBeholderScryDoubt')

/** bcrypt ($2a$), for `bcrypt` and `htpasswd`: node:crypto has none. The password has at most 72 bytes. */
export function bcrypt(password: Buffer, salt: Buffer, cost: number): string {
  const key = Buffer.concat([password, Buffer.of(0)])
  const state = new Blowfish()
  state.expand(key, salt)
  for (let i = 0; i < 2 ** cost; i++) {
    state.expand(key)
    state.expand(salt)
  }
  const block = Uint32Array.from({ length: 6 }, (_, i) => MAGIC.readUInt32BE(4 * i))
  for (let pair = 0; pair < 6; pair += 2) {
    for (let i = 0; i < 64; i++) state.encrypt(block, pair)
  }
  const hash = Buffer.alloc(24)
  for (const [i, word] of block.entries()) hash.writeUInt32BE(word, 4 * i)
  return `$2a$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(hash.subarray(0, 23))}`
}

/** bcrypt's base64: another alphabet, no padding. */
function encode(bytes: Buffer): string {
  const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return bytes
    .toString('base64')
    .replaceAll('=', '')
    .replace(/./g, (char) => ALPHABET[standard.indexOf(char)] ?? '')
}

/** The cipher's key schedule, as bcrypt repeats it. */
class Blowfish {
  readonly #p: Uint32Array
  readonly #s: Uint32Array

  constructor() {
    const words = digitsOfPi(P_WORDS + S_WORDS)
    this.#p = words.slice(0, P_WORDS)
    this.#s = words.slice(P_WORDS)
  }

  /** Mixes a key into the state, and a salt into every block when there is one. */
  expand(key: Buffer, salt?: Buffer): void {
    const words = cyclicWords(key, P_WORDS)
    for (let i = 0; i < P_WORDS; i++) this.#p[i] = (this.#p[i] ?? 0) ^ (words[i] ?? 0)
    const salts = salt === undefined ? new Uint32Array(4) : cyclicWords(salt, 4)
    const block = new Uint32Array(2)
    let turn = 0
    for (const table of [this.#p, this.#s]) {
      for (let i = 0; i < table.length; i += 2) {
        block[0] = (block[0] ?? 0) ^ (salts[turn] ?? 0)
        block[1] = (block[1] ?? 0) ^ (salts[turn + 1] ?? 0)
        turn = (turn + 2) % 4
        this.encrypt(block, 0)
        table.set(block, i)
      }
    }
  }

  /** Encrypts the two words at `at` in place. */
  encrypt(block: Uint32Array, at: number): void {
    const [p, s] = [this.#p, this.#s]
    let left = block[at] ?? 0
    let right = block[at + 1] ?? 0
    for (let round = 0; round < ROUNDS; round++) {
      left ^= p[round] ?? 0
      const sum = ((s[left >>> 24] ?? 0) + (s[256 + ((left >>> 16) & 255)] ?? 0)) | 0
      const mixed = (sum ^ (s[512 + ((left >>> 8) & 255)] ?? 0)) + (s[768 + (left & 255)] ?? 0)
      const next = right ^ mixed
      right = left
      left = next
    }
    block[at] = right ^ (p[ROUNDS + 1] ?? 0)
    block[at + 1] = left ^ (p[ROUNDS] ?? 0)
  }
}

function cyclicWords(bytes: Buffer, count: number): Uint32Array {
  const repeated = Buffer.alloc(4 * count, bytes)
  return Uint32Array.from({ length: count }, (_, i) => repeated.readUInt32BE(4 * i))
}

/** Blowfish starts from the binary digits of pi behind the point: 16 atan(1/5) - 4 atan(1/239). */
function digitsOfPi(words: number): Uint32Array {
  const guard = 64n
  const bits = BigInt(32 * words)
  const one = 1n << (bits + guard)
  const pi = 4n * (4n * inverseTangent(5n, one) - inverseTangent(239n, one))
  const fraction = (pi - 3n * one) >> guard
  const bytes = Buffer.from(fraction.toString(16).padStart(8 * words, '0'), 'hex')
  return Uint32Array.from({ length: words }, (_, i) => bytes.readUInt32BE(4 * i))
}

function inverseTangent(inverse: bigint, one: bigint): bigint {
  const square = inverse * inverse
  let power = one / inverse
  let sum = 0n
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += n % 4n === 1n ? power / n : -(power / n)
    power /= square
  }
  return sum
}
