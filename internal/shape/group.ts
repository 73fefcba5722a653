import { put } from '../decode/put.ts'
import type { JsonObject } from '../pipe/pipe.ts'

/** Puts the whole answer, also an empty one, under `name`. */
export function group(name: string): (data: JsonObject | null) => JsonObject {
  return function intoGroup(data) {
    const result: JsonObject = {}
    put(result, name, data)
    return result
  }
}
