import { own } from '../decode/put.ts'
import type { DataResponse } from '../pipe/pipe.ts'
import type { Encoded } from './encode.ts'
import { JSON_TYPE, stringify } from './json.ts'

/** The field `collection` alone, as JSON; an empty list when there is none. */
export function jsonCollection(response: DataResponse | undefined): Encoded {
  return { contentType: JSON_TYPE, body: bodyOf(response) }
}

function bodyOf(response: DataResponse | undefined): Encoded['body'] {
  if (response === undefined || response.data === null) return '[]'
  const value = own(response.data, 'collection')
  if (value === undefined) return '[]'
  const source = response.sources.find((one) => one.value === value)
  return source === undefined ? stringify(value) : source.text
}
