import { asObject } from '../decode/json.ts'
import type { DataResponse, JsonSource, JsonValue } from '../pipe/pipe.ts'
import type { Encoded } from './encode.ts'
import { withinStack } from './within-stack.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** The data as JSON: the upstreams' own bytes for all that nobody changed. */
export function json(response: DataResponse | undefined): Encoded {
  return { contentType: JSON_TYPE, body: bodyOf(response) }
}

function bodyOf(response: DataResponse | undefined): Encoded['body'] {
  if (response === undefined) return '{}'
  const { sources, data } = response
  if (sources.length === 0) return stringify(data)
  const pieces: Piece[] = []
  addPieces(pieces, data, sources, DEEPEST)
  if (pieces.length === 1) return pieces[0] as Piece
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('')
  return pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))
}

type Piece = string | Buffer
/** A source stands under `collection` in a group at most. */
const DEEPEST = 2

function addPieces(
  pieces: Piece[],
  value: JsonValue,
  sources: readonly JsonSource[],
  depth: number,
): void {
  const source = sources.find((one) => one.value === value)
  if (source !== undefined) {
    pieces.push(source.text)
    return
  }
  const object = depth === 0 ? undefined : asObject(value)
  if (object === undefined) {
    pieces.push(stringify(value))
    return
  }
  let before = '{'
  for (const name of Object.keys(object)) {
    pieces.push(`${before}${JSON.stringify(name)}:`)
    addPieces(pieces, object[name] as JsonValue, sources, depth - 1)
    before = ','
  }
  pieces.push(before === '{' ? '{}' : '}')
}

/** `value` as JSON text. Too deep for the stack it is on some versions of Node only. */
export const stringify = (value: JsonValue): string => withinStack(() => JSON.stringify(value))
