import { isObject } from '../../../pipe/is-object.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

const HIDDEN = '__proto__'
/** No name that a schema lists. */
const SHOWN = '__proto__ as a property'

/**
 * The value with properties called `__proto__` under another name: the library takes them for properties that were
 * judged already, and would let them through `unevaluatedProperties`.
 */
export function withShownNames(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return mapped(value)
  if (!isObject(value)) return value
  const entries = Object.entries(value)
  const shown = entries.map(([name, one]): [string, JsonValue] => [
    name === HIDDEN ? SHOWN : name,
    withShownNames(one),
  ])
  const isSame = shown.every(([name, one], at) => name !== SHOWN && one === entries[at]?.[1])
  return isSame ? value : Object.fromEntries(shown)
}

/** A message with the names that the client sent. */
export const withSentNames = (text: string): string => text.replaceAll(SHOWN, HIDDEN)

function mapped(list: readonly JsonValue[]): JsonValue {
  const shown = list.map(withShownNames)
  return shown.every((one, at) => one === list[at]) ? (list as JsonValue) : shown
}
