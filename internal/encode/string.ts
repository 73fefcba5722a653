import { own } from '../decode/put.ts'
import type { DataResponse } from '../pipe/pipe.ts'
import type { Encoded } from './encode.ts'

/** The field `content`, when it is a text, as it is; nothing otherwise. */
export function string(response: DataResponse | undefined): Encoded {
  const data = response?.data ?? null
  const content = data === null ? undefined : own(data, 'content')
  return {
    contentType: 'text/plain; charset=utf-8',
    body: typeof content === 'string' ? content : '',
  }
}
