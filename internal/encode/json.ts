import { isAscii } from 'node:buffer'
import type { DataResponse, JsonSource, JsonValue } from '../pipe/pipe.ts'
import type { Encoded } from './encode.ts'
import { withinStack } from './within-stack.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'
/** A text is written faster than bytes while it is short; above this, bytes stay bytes. */
const SHORT_BYTES = 2048

const COLLECTION_START = Buffer.from('{"collection":')
const COLLECTION_END = Buffer.from('}')

/** The data as JSON: the upstream's own bytes while nobody changed them. */
export function json(response: DataResponse | undefined): Encoded {
  return { contentType: JSON_TYPE, body: bodyOf(response) }
}

function bodyOf(response: DataResponse | undefined): Encoded['body'] {
  if (response === undefined) return '{}'
  const { source, data } = response
  if (source === undefined) return stringify(data)
  return source.isCollection ? collectionOf(source) : shortText(source.bytes)
}

function collectionOf({ bytes }: JsonSource): Encoded['body'] {
  const text = shortText(bytes)
  return typeof text === 'string'
    ? `{"collection":${text}}`
    : [COLLECTION_START, text, COLLECTION_END]
}

/** `value` as JSON text. Too deep for the stack it is on some versions of Node only. */
export const stringify = (value: JsonValue): string => withinStack(() => JSON.stringify(value))

/** Short ASCII bytes as text, which is cheaper to send; others as they are. */
export const shortText = (bytes: Buffer): string | Buffer =>
  bytes.length <= SHORT_BYTES && isAscii(bytes) ? bytes.toString('latin1') : bytes
