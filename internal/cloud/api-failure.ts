import type { Fetched } from '../client/small-fetch.ts'
import { isObject } from '../pipe/is-object.ts'
import { objectIn } from './object-in.ts'

/** What `who` says of a failure, as Google and Azure write it: `{"error":{"message":...}}`. */
export function apiFailure(who: string, { status, text }: Fetched): Error {
  const error = objectIn(text)?.['error']
  const message = isObject(error) ? error['message'] : undefined
  return new Error(`${who} answered ${status}${typeof message === 'string' ? `: ${message}` : ''}`)
}
