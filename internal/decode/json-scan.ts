/** Go's encoding/json: deeper values are refused. */
const MAX_DEPTH = 10_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
/** What a read beyond the end gives: no byte. */
const END = -1

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46)

/** Whether some value in `bytes` lies deeper than Go takes. */
export const isTooDeep = (bytes: Buffer): boolean => hasManyBrackets(bytes) && isDeep(bytes)

/** The cheap half of the answer, certain only in its "no": four bytes at a time. */
function hasManyBrackets(bytes: Buffer): boolean {
  // Each level costs two brackets: once fewer bytes are left than brackets are missing, the answer is no.
  let missing = MAX_DEPTH + 1
  const end = bytes.length - missing
  if (end < missing) return false
  const skipped = -bytes.byteOffset & 3
  const words = new Uint32Array(
    bytes.buffer,
    bytes.byteOffset + skipped,
    (bytes.length - skipped) >> 2,
  )
  // What stands before the first whole word may be brackets.
  missing -= skipped
  for (let at = 0; end - 4 * at >= missing; at++) {
    missing -= openBrackets(words[at] as number)
    if (missing <= 0) return true
  }
  return false
}

/** How many of a word's four bytes are `[` or `{`, which differ in one bit alone. */
function openBrackets(word: number): number {
  const others = (word | 0x20202020) ^ 0x7b7b7b7b
  const zeros = ~(((others & 0x7f7f7f7f) + 0x7f7f7f7f) | others | 0x7f7f7f7f)
  return zeros === 0 ? 0 : Math.imul(zeros >>> 7, 0x01010101) >>> 24
}

function isDeep(bytes: Buffer): boolean {
  let depth = 0
  let isInString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (isInString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) isInString = false
    } else if (byte === QUOTE) isInString = true
    else if ((byte | 0x20) === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) return true
    } else if ((byte | 0x20) === 0x7d) depth--
  }
  return false
}

/** What is wrong, in Go's words, at a byte or at the end of the input. */
class Fault extends Error {}

/**
 * Reads the first JSON value as Go's scanner does. Returns where it ends, or Go's words for what is wrong.
 * Off the hot path: runs when `JSON.parse` has refused the text already.
 */
export function scanJson(bytes: Buffer): number | string {
  try {
    return new Scan(bytes).value()
  } catch (fault) {
    if (fault instanceof Fault) return fault.message
    throw fault
  }
}

class Scan {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The end of the first value. Open brackets wait on a list, not on the stack. */
  value(): number {
    const open: number[] = []
    if (this.#next() === END) throw new Fault('EOF')
    for (;;) {
      if (this.#startsContainer(open)) continue
      do if (open.length === 0) return this.#at
      while (this.#closes(open))
    }
  }

  /** Reads a scalar, or opens a container: `true` when a value (its first) comes next. */
  #startsContainer(open: number[]): boolean {
    const byte = this.#next()
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) {
      this.#scalar(byte)
      return false
    }
    open.push(byte)
    if (open.length > MAX_DEPTH) throw this.#fault('exceeded max depth')
    this.#at++
    const isObject = byte === OPEN_OBJECT
    // `{}` and `[]`; Go words a wrong first key without "or `}`", as a missing string.
    if (this.#next() === (isObject ? 0x7d : 0x5d)) {
      this.#at++
      open.pop()
      return false
    }
    if (isObject) this.#key()
    return true
  }

  /** After a value: `true` when it was the container's last, `false` when another value follows. */
  #closes(open: number[]): boolean {
    const byte = this.#next()
    const isObject = open.at(-1) === OPEN_OBJECT
    if (byte === (isObject ? 0x7d : 0x5d)) {
      this.#at++
      open.pop()
      return true
    }
    if (byte !== 0x2c)
      throw this.#fault(isObject ? 'after object key:value pair' : 'after array element')
    this.#at++
    if (isObject) this.#key()
    return false
  }

  #key(): void {
    if (this.#next() !== QUOTE) throw this.#fault('looking for beginning of object key string')
    this.#string()
    if (this.#next() !== 0x3a) throw this.#fault('after object key')
    this.#at++
  }

  #scalar(byte: number): void {
    if (byte === QUOTE) this.#string()
    else if (byte === MINUS || isDigit(byte)) this.#number()
    else if (byte === 0x74) this.#word('true')
    else if (byte === 0x66) this.#word('false')
    else if (byte === 0x6e) this.#word('null')
    else throw this.#fault('looking for beginning of value')
  }

  #word(word: string): void {
    for (let index = 1; index < word.length; index++) {
      this.#at++
      if (this.#byte() !== word.charCodeAt(index))
        throw this.#fault(`in literal ${word} (expecting '${word[index]}')`)
    }
    this.#at++
  }

  #string(): void {
    for (;;) {
      this.#at++
      const byte = this.#byte()
      if (byte === QUOTE) break
      if (byte === BACKSLASH) this.#escape()
      else if (byte < 0x20) throw this.#fault('in string literal')
    }
    this.#at++
  }

  #escape(): void {
    this.#at++
    const byte = this.#byte()
    if (byte === 0x75) {
      for (let digit = 0; digit < 4; digit++) {
        this.#at++
        if (!isHex(this.#byte())) throw this.#fault('in \\u hexadecimal character escape')
      }
    } else if (byte === END || !'bfnrt\\/"'.includes(String.fromCharCode(byte)))
      throw this.#fault('in string escape code')
  }

  #number(): void {
    if (this.#byte() === MINUS) {
      this.#at++
      if (!isDigit(this.#byte())) throw this.#fault('in numeric literal')
    }
    if (this.#byte() === ZERO) this.#at++
    else this.#digits()
    if (this.#byte() === 0x2e) {
      this.#at++
      if (!isDigit(this.#byte())) throw this.#fault('after decimal point in numeric literal')
      this.#digits()
    }
    if ((this.#byte() | 0x20) !== 0x65) return
    this.#at++
    if (this.#byte() === 0x2b || this.#byte() === MINUS) this.#at++
    if (!isDigit(this.#byte())) throw this.#fault('in exponent of numeric literal')
    this.#digits()
  }

  #digits(): void {
    while (isDigit(this.#byte())) this.#at++
  }

  /** The next byte that is no white space; stays before it. */
  #next(): number {
    while (isSpace(this.#byte())) this.#at++
    return this.#byte()
  }

  #byte(): number {
    return this.#bytes[this.#at] ?? END
  }

  #fault(where: string): Fault {
    const byte = this.#byte()
    return new Fault(byte === END ? 'unexpected EOF' : `invalid character ${quoted(byte)} ${where}`)
  }
}

const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  39: "\\'",
  92: '\\\\',
}

/** One byte between single quotes, as Go prints it: a byte above 0x7f reads as the character of that number. */
function quoted(byte: number): string {
  const hex = byte.toString(16).padStart(2, '0')
  const isPrintable = (byte >= 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
  const plain = isPrintable ? String.fromCharCode(byte) : byte < 0x80 ? `\\x${hex}` : `\\u00${hex}`
  return `'${ESCAPES[byte] ?? plain}'`
}
