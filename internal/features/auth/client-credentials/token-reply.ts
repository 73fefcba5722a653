import type { Fetched } from '../../../client/small-fetch.ts'
import { STATUS_CODES } from '../../../node-http.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { onWire } from '../../../pipe/wire-text.ts'
import { goQuote } from '../../../telemetry/go-quote.ts'
import { tokenObject } from './token-object.ts'

/** A token as it goes into `Authorization`; `expiresMs` is `null` for one that never ends. */
export type IssuedToken = { readonly authorization: string; readonly expiresMs: number | null }

/** Forms, as some servers answer; everything else is read as JSON. */
const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'text/plain'])
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
/** Of each thing that a server says, in a message. */
const MOST_SHOWN = 500
const MOST_SECONDS = 2 ** 31 - 1
const TOKEN = /^[\x21-\x7e]+$/
/** Go writes the known types its way. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['', 'Bearer'],
  ['bearer', 'Bearer'],
  ['mac', 'MAC'],
  ['basic', 'Basic'],
])

/**
 * The token in a server's answer. Throws why there is none, in the words of Go's oauth2, but for the answer itself:
 * an error page may repeat what was sent.
 */
export function tokenInReply({ status, type, text }: Fetched, nowMs: number): IssuedToken {
  const isForm = FORM_TYPES.has(type.split(';')[0]?.trim().toLowerCase() ?? '')
  const isFailure = status < 200 || status > 299
  const fields = isForm ? formFields(text) : jsonFields(text, isFailure)
  if (textIn(fields, 'error') !== '') throw refusal(fields)
  if (isFailure)
    throw failure(`cannot fetch token: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd())
  const token = textIn(fields, 'access_token')
  if (token === '') throw failure('server response missing access_token')
  const kind = textIn(fields, 'token_type')
  const scheme = TYPES.get(kind.toLowerCase()) ?? kind
  if (!TOKEN.test(token) || !TOKEN.test(scheme))
    throw new Error('net/http: invalid header field value for "Authorization"')
  const seconds = isForm ? formSeconds(fields) : secondsIn(fields)
  return {
    authorization: `${scheme} ${token}`,
    expiresMs: seconds === 0 ? null : nowMs + seconds * 1000,
  }
}

const failure = (words: string): Error => new Error(`oauth2: ${words}`)

/** What the server says is wrong (RFC 6749, 5.2). */
function refusal(fields: JsonObject): Error {
  const words = ['error', 'error_description', 'error_uri'].map((name) => textIn(fields, name))
  const shown = words.filter((text) => text !== '').map((text) => text.slice(0, MOST_SHOWN))
  return failure(shown.map((text) => goQuote(onWire(text))).join(' '))
}

const formFields = (text: string): JsonObject => Object.fromEntries(new URLSearchParams(text))

/** None of a failing answer that is no such JSON: its status says enough. */
function jsonFields(text: string, isFailure: boolean): JsonObject {
  try {
    return tokenObject(text)
  } catch (error) {
    if (isFailure) return {}
    throw failure(`cannot parse json: ${(error as Error).message}`)
  }
}

function textIn(fields: JsonObject, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** A whole number, or one in a text, as some write it. 0 without one. */
function secondsIn(fields: JsonObject): number {
  const value = Object.hasOwn(fields, 'expires_in') ? fields['expires_in'] : undefined
  if (value === undefined || value === null) return 0
  const text = String(value)
  if (typeof value !== 'object' && /^-?(0|[1-9]\d*)$/.test(text))
    return Math.min(Number(text), MOST_SECONDS)
  if (typeof value === 'string' && !NUMBER.test(text))
    throw failure(
      `cannot parse json: json: invalid number literal, trying to unmarshal ${goQuote(onWire(JSON.stringify(text)))} into Number`,
    )
  throw failure('cannot parse json: expires_in is no whole number')
}

/** Of a form; what is no number is none, as in Go. */
function formSeconds(fields: JsonObject): number {
  const text = textIn(fields, 'expires_in')
  return /^[+-]?\d+$/.test(text) ? Math.min(Number(text), MOST_SECONDS) : 0
}
