import { isObject } from '../pipe/is-object.ts'
import type { JsonObject } from '../pipe/pipe.ts'

/** The JSON object that a text is; `undefined` when it is none: what it says may be secret, so nobody repeats it. */
export function objectIn(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    // A page of some proxy, say: its status says enough.
    return undefined
  }
}
