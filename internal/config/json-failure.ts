import type { Position } from './positions.ts'

export type JsonFailure = { readonly reason: string; readonly position: Position }

const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d])
const ESCAPES = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)))
/** Go's limit. */
const MAX_DEPTH = 10_000

/** Why bytes are not JSON, in the words of Go's encoding/json, and where. For bytes that `JSON.parse` refused. */
export function jsonFailure(bytes: Buffer): JsonFailure {
  const scanner = new Scanner(bytes)
  try {
    scanner.document()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { reason: error.message, position: positionAt(bytes, error.offset) }
  }
  // Go's grammar allows what JSON.parse does not: no such text is known.
  return { reason: 'invalid JSON', position: { line: 1, column: 1 } }
}

/** Line and column (in characters) of a byte offset. */
export function positionAt(bytes: Buffer, offset: number): Position {
  let line = 1
  let lineStart = 0
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line++
    lineStart = at + 1
  }
  return { line, column: bytes.subarray(lineStart, offset).toString('utf8').length + 1 }
}

class Refusal extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

class Scanner {
  readonly #bytes: Buffer
  #at = 0
  #depth = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  document(): void {
    this.#value()
    this.#spaces()
    if (this.#at < this.#bytes.length) this.#refuse('after top-level value')
  }

  #value(): void {
    this.#spaces()
    const byte = this.#peek()
    if (byte === 0x7b) this.#object()
    else if (byte === 0x5b) this.#array()
    else if (byte === 0x22) this.#string()
    else if (byte === 0x74) this.#literal('true')
    else if (byte === 0x66) this.#literal('false')
    else if (byte === 0x6e) this.#literal('null')
    else if (byte === 0x2d || isDigit(byte)) this.#number()
    else this.#refuse('looking for beginning of value')
  }

  #object(): void {
    this.#enter()
    this.#spaces()
    if (this.#isClosed(0x7d)) return
    for (;;) {
      this.#spaces()
      if (this.#peek() !== 0x22) this.#refuse('looking for beginning of object key string')
      this.#string()
      this.#spaces()
      if (this.#peek() !== 0x3a) this.#refuse('after object key')
      this.#at++
      this.#value()
      this.#spaces()
      if (this.#isClosed(0x7d)) return
      if (this.#peek() !== 0x2c) this.#refuse('after object key:value pair')
      this.#at++
    }
  }

  #array(): void {
    this.#enter()
    this.#spaces()
    if (this.#isClosed(0x5d)) return
    for (;;) {
      this.#value()
      this.#spaces()
      if (this.#isClosed(0x5d)) return
      if (this.#peek() !== 0x2c) this.#refuse('after array element')
      this.#at++
    }
  }

  #string(): void {
    this.#at++
    for (;;) {
      const byte = this.#peek()
      if (byte < 0x20) this.#refuse('in string literal')
      this.#at++
      if (byte === 0x22) return
      if (byte === 0x5c) this.#escape()
    }
  }

  #escape(): void {
    const byte = this.#byte()
    if (byte !== 0x75 && !ESCAPES.has(byte)) this.#refuse('in string escape code')
    this.#at++
    for (let digit = 0; byte === 0x75 && digit < 4; digit++) {
      if (!isHexDigit(this.#byte())) this.#refuse('in \\u hexadecimal character escape')
      this.#at++
    }
  }

  #literal(word: string): void {
    for (const letter of word) {
      const expected = letter.charCodeAt(0)
      if (this.#byte() !== expected)
        this.#refuse(`in literal ${word} (expecting ${quoted(expected)})`)
      this.#at++
    }
  }

  #number(): void {
    if (this.#byte() === 0x2d) this.#at++
    if (!isDigit(this.#byte())) this.#refuse('in numeric literal')
    if (this.#byte() === 0x30) this.#at++
    else this.#digits()
    if (this.#byte() === 0x2e) {
      this.#at++
      if (!isDigit(this.#byte())) this.#refuse('after decimal point in numeric literal')
      this.#digits()
    }
    const exponent = this.#byte()
    if (exponent !== 0x65 && exponent !== 0x45) return
    this.#at++
    if (this.#byte() === 0x2b || this.#byte() === 0x2d) this.#at++
    if (!isDigit(this.#byte())) this.#refuse('in exponent of numeric literal')
    this.#digits()
  }

  #digits(): void {
    while (isDigit(this.#byte())) this.#at++
  }

  #spaces(): void {
    while (SPACES.has(this.#byte())) this.#at++
  }

  #enter(): void {
    this.#at++
    if (++this.#depth > MAX_DEPTH) throw new Refusal('exceeded max depth', this.#at)
  }

  /** Steps over the closing bracket, if it is here. */
  #isClosed(bracket: number): boolean {
    if (this.#peek() !== bracket) return false
    this.#at++
    this.#depth--
    return true
  }

  /** The byte here, -1 at the end. */
  #byte(): number {
    return this.#bytes[this.#at] ?? -1
  }

  /** The byte here; there must be one. */
  #peek(): number {
    const byte = this.#byte()
    if (byte < 0) throw new Refusal('unexpected end of JSON input', this.#bytes.length)
    return byte
  }

  /** At the end Go's scanner takes one more step, with a blank. */
  #refuse(where: string): never {
    const byte = this.#byte() < 0 ? 0x20 : this.#byte()
    throw new Refusal(`invalid character ${quoted(byte)} ${where}`, this.#at)
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

/** A byte as Go quotes a character of that number. */
function quoted(byte: number): string {
  if (byte === 0x27) return "'\\''"
  if (byte === 0x22) return `'"'`
  if (byte === 0x5c) return "'\\\\'"
  const short = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r' }[byte]
  if (short !== undefined) return `'\\${short}'`
  const isPlain = (byte >= 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
  if (isPlain) return `'${String.fromCharCode(byte)}'`
  return byte < 0x80 ? `'\\x${byte.toString(16).padStart(2, '0')}'` : `'\\u00${byte.toString(16)}'`
}
