import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { strictObject } from '../jwk/strict-json.ts'

/** A token taken apart; nothing in it is believed yet. */
export type Token = {
  readonly header: JsonObject
  /** What is signed. */
  readonly signedText: string
  readonly signature: Buffer
  /** Base64url of the claims. */
  readonly payload: string
}

/** Reads headers of tokens; those seen lately are kept, because one issuer's tokens share theirs. */
export type HeaderReader = (encoded: string) => JsonObject | undefined

/** More than any issuer's token: what is longer is refused before it costs anything. */
export const LONGEST_TOKEN = 64 * 1024
const KEPT_HEADERS = 256
const LONGEST_KEPT_HEADER = 512
/** Longest key id that is looked for. */
const LONGEST_KEY_ID = 1024

const BASE64URL = /^[A-Za-z0-9_-]*$/
const BLANKS = /[\t\n\f\r ]/g

/** Takes a token apart: compact (RFC 7515, 7.1), or JSON with one signature (7.2). `undefined`: it is none. */
export function parseToken(written: string, readHeader: HeaderReader): Token | undefined {
  if (written.length > LONGEST_TOKEN) return undefined
  const text = /[\t\n\f\r ]/.test(written) ? written.replace(BLANKS, '') : written
  return text.startsWith('{') ? jsonToken(text, readHeader) : compactToken(text, readHeader)
}

function compactToken(text: string, readHeader: HeaderReader): Token | undefined {
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first < 0 || second < 0 || text.includes('.', second + 1)) return undefined
  const [encoded, payload, signature] = [
    unpadded(text.slice(0, first)),
    unpadded(text.slice(first + 1, second)),
    unpadded(text.slice(second + 1)),
  ]
  const header = readHeader(encoded)
  if (header === undefined || !isBase64url(payload) || !isBase64url(signature)) return undefined
  return {
    header,
    signedText: `${encoded}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
    payload,
  }
}

function jsonToken(text: string, readHeader: HeaderReader): Token | undefined {
  const token = strictObject(text)
  if (token === undefined) return undefined
  const { payload } = token
  const signed = signedPart(token)
  if (signed === undefined || typeof payload !== 'string') return undefined
  const { protected: encoded, signature, header: open = {} } = signed
  if (typeof encoded !== 'string' || typeof signature !== 'string' || !isObject(open))
    return undefined
  const safe = readHeader(encoded)
  if (safe === undefined || !isBase64url(payload) || !isBase64url(signature)) return undefined
  // RFC 7515, 7.2.1: the names must not overlap.
  if (Object.keys(open).some((name) => Object.hasOwn(safe, name))) return undefined
  return {
    header: safe,
    signedText: `${encoded}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
    payload,
  }
}

/** The one signature: beside the payload, or alone in a list. */
function signedPart(token: JsonObject): JsonObject | undefined {
  if (!Object.hasOwn(token, 'signatures')) return token
  const { signatures } = token
  if (!Array.isArray(signatures) || signatures.length !== 1) return undefined
  const [only] = signatures
  return isObject(only) ? only : undefined
}

/** Base64url has no padding here; go-jose passes over it. */
function unpadded(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0x3d) end--
  return end === text.length ? text : text.slice(0, end)
}

const isBase64url = (text: string): boolean => text.length % 4 !== 1 && BASE64URL.test(text)

/** Reads and checks headers, and keeps some. */
export function headerReader(): HeaderReader {
  const kept = new Map<string, JsonObject | undefined>()
  return function readHeader(encoded) {
    if (encoded.length > LONGEST_KEPT_HEADER) return headerOf(encoded)
    const known = kept.get(encoded)
    if (known !== undefined) return known
    const header = headerOf(encoded)
    if (header === undefined) return undefined
    if (kept.size >= KEPT_HEADERS) kept.delete(kept.keys().next().value as string)
    kept.set(encoded, header)
    return header
  }
}

/**
 * `jku`, `x5u`, `jwk` and `x5c` are never looked at: keys come from the configuration. An extension that must be
 * understood (`crit`) is not.
 */
function headerOf(encoded: string): JsonObject | undefined {
  if (!isBase64url(encoded)) return undefined
  const header = strictObject(Buffer.from(encoded, 'base64url').toString('utf8'))
  if (header === undefined || Object.hasOwn(header, 'crit')) return undefined
  if (Object.hasOwn(header, 'b64') && header['b64'] !== true) return undefined
  if (!Object.hasOwn(header, 'kid') || header['kid'] === null) return header
  const { kid } = header
  return typeof kid === 'string' && kid.length <= LONGEST_KEY_ID ? header : undefined
}
