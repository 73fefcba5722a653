import { asObject } from '../decode/json.ts'
import { own } from '../decode/put.ts'
import type { JsonObject } from '../pipe/pipe.ts'

/** Takes the object at a dot path as the whole answer; `{}` when there is none. */
export function target(path: string): (data: JsonObject | null) => JsonObject {
  const keys = path.split('.')
  return function takeTarget(data) {
    let found = data
    for (const key of keys) {
      const next = found === null ? undefined : asObject(own(found, key))
      if (next === undefined) return {}
      found = next
    }
    return found ?? {}
  }
}
