import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

/** Sets a field whose name comes from outside: `__proto__` is a name like any other. */
export function put(target: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  else target[key] = value
}

/** A field of its own (never `toString`), or `undefined`. */
export function own(data: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(data, key) ? data[key] : undefined
}
