import type { Fetched } from '../../../client/small-fetch.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'

/** A token as it goes into `Authorization`; `expiresMs` is `null` for one that never ends. */
export type IssuedToken = { readonly authorization: string; readonly expiresMs: number | null }

/** Forms, as some servers answer; everything else is read as JSON. */
const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'text/plain'])
const MOST_SECONDS = 2 ** 31 - 1
const TOKEN = /^[\x21-\x7e]+$/
/** Go writes the known types its way. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['', 'Bearer'],
  ['bearer', 'Bearer'],
  ['mac', 'MAC'],
  ['basic', 'Basic'],
])

/** The token in a server's answer. Throws why there is none, without repeating what the answer says. */
export function tokenInReply({ status, type, text }: Fetched, nowMs: number): IssuedToken {
  const isForm = FORM_TYPES.has(type.split(';')[0]?.trim().toLowerCase() ?? '')
  const fields = isForm ? formFields(text) : jsonFields(text)
  const errorCode = textIn(fields, 'error')
  if (status < 200 || status > 299 || errorCode !== '')
    throw new Error(`oauth2: cannot fetch token: ${status}${errorCode && ` ${errorCode}`}`)
  const token = textIn(fields, 'access_token')
  if (token === '') throw new Error('oauth2: server response missing access_token')
  const kind = textIn(fields, 'token_type')
  const scheme = TYPES.get(kind.toLowerCase()) ?? kind
  if (!TOKEN.test(token) || !TOKEN.test(scheme))
    throw new Error('oauth2: the token holds characters that no header may')
  const seconds = secondsIn(fields)
  return {
    authorization: `${scheme} ${token}`,
    expiresMs: seconds === 0 ? null : nowMs + seconds * 1000,
  }
}

const formFields = (text: string): JsonObject => Object.fromEntries(new URLSearchParams(text))

function jsonFields(text: string): JsonObject {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    // An error page says the same as its status.
    return {}
  }
  return isObject(value) ? value : {}
}

function textIn(fields: JsonObject, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** A number, or a number in a text, as some write it. 0 without one. */
function secondsIn(fields: JsonObject): number {
  const value = Object.hasOwn(fields, 'expires_in') ? fields['expires_in'] : undefined
  if (value === undefined || value === null || value === '') return 0
  const seconds = Number(value)
  if (typeof value === 'object' || typeof value === 'boolean' || !Number.isInteger(seconds))
    throw new Error('oauth2: cannot parse json: expires_in is no whole number')
  return Math.min(seconds, MOST_SECONDS)
}
