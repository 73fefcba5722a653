import { isUtf8 } from 'node:buffer'

/**
 * Bytes that are no UTF-8 stay distinct in a string as U+DC80 to U+DCFF, and are written back as the bytes
 * they were (PEP 383). So `/caf%E9` reaches an upstream as it came.
 */
const LONE_BYTE = 0xdc00
const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20

/** The part of `text` that is no percent-escape (`%`, `%z`, `%zz`), as Go's messages quote it. */
export class BadEscape {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Whether a text from the wire means itself: ASCII without percent signs. */
export function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === PERCENT || code > 0x7f) return false
  }
  return true
}

/**
 * Decodes a text from the wire (one character a byte, as node:http gives it): percent-escapes and raw UTF-8.
 * Go's `url.PathUnescape`, or with `isQuery` its `url.QueryUnescape`, where `+` is a blank.
 */
export function decodePercent(text: string, isQuery = false): string | BadEscape {
  if (isPlain(text)) return isQuery && text.includes('+') ? text.replaceAll('+', ' ') : text
  return decodeBytes(Buffer.from(text, 'latin1'), isQuery)
}

/** Decodes the escapes of a text that was decoded before: Go's `url.PathUnescape` once more. */
export function decodeAgain(text: string): string | BadEscape {
  return text.includes('%') ? decodeBytes(Buffer.from(toBytes(text)), false) : text
}

function decodeBytes(bytes: Buffer, isQuery: boolean): string | BadEscape {
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === PERCENT) {
      const high = hexValue(bytes[at + 1])
      const low = hexValue(bytes[at + 2])
      if (high < 0 || low < 0) return new BadEscape(fromBytes(bytes.subarray(at, at + 3)))
      bytes[length++] = high * 16 + low
      at += 2
    } else bytes[length++] = isQuery && byte === PLUS ? SPACE : byte
  }
  return fromBytes(bytes.subarray(0, length))
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function fromBytes(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : fromBrokenUtf8(bytes)
}

function fromBrokenUtf8(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((size) => isUtf8(bytes.subarray(at, at + size))) ?? 0
    text +=
      length === 0
        ? String.fromCharCode(LONE_BYTE + (bytes[at] as number))
        : bytes.toString('utf8', at, at + length)
    at += Math.max(length, 1)
  }
  return text
}

/** The UTF-8 of `text`, with the bytes that were no UTF-8 as they came. */
export function toBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const pieces: Buffer[] = []
  for (const char of text) {
    const code = char.codePointAt(0) as number
    const isByte = code >= LONE_BYTE + 0x80 && code <= LONE_BYTE + 0xff
    pieces.push(isByte ? Buffer.of(code - LONE_BYTE) : Buffer.from(char, 'utf8'))
  }
  return Buffer.concat(pieces)
}

const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~'
const PATH_TABLE = escapes(`${UNRESERVED}$&+,/:;=@`)
const QUERY_TABLE = escapes(UNRESERVED, ' ')
const PLAIN_QUERY = /^[A-Za-z0-9\-_.~]*$/
const PLAIN_PATH = /^[A-Za-z0-9\-_.~$&+,/:;=@]*$/

/** Percent-encodes a decoded path as Go's `url.URL.EscapedPath` does. */
export function encodePath(path: string): string {
  return PLAIN_PATH.test(path) ? path : encodeBytes(path, PATH_TABLE)
}

/** Go's `url.QueryEscape`: a blank becomes `+`. */
export function encodeQueryPart(text: string): string {
  return PLAIN_QUERY.test(text) ? text : encodeBytes(text, QUERY_TABLE)
}

function encodeBytes(text: string, table: readonly string[]): string {
  let encoded = ''
  for (const byte of toBytes(text)) encoded += table[byte]
  return encoded
}

/** What each byte is written as. */
function escapes(literal: string, plus = ''): readonly string[] {
  return Array.from({ length: 256 }, (_none, byte) => {
    const char = String.fromCharCode(byte)
    if (literal.includes(char)) return char
    return char === plus ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  })
}

/** A URL as it goes over the wire (one character a byte) as people read it: raw UTF-8 in its query becomes text. */
export function readableUrl(url: string): string {
  return NOT_ASCII.test(url) ? Buffer.from(url, 'latin1').toString('utf8') : url
}
const NOT_ASCII = /[\x80-\xff]/
