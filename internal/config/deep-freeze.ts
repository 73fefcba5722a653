/** Deeper than any configuration that is meant, and far from what overflows a stack on its way to the threads. */
const MAX_DEPTH = 1_000

/** The same object with everything in it frozen. Throws a `RangeError` for one that is nested without reason. */
export function deepFreeze<T extends object>(value: T, depth = 0): T {
  if (Object.isFrozen(value)) return value
  if (depth > MAX_DEPTH) throw new RangeError('exceeded max depth')
  Object.freeze(value)
  for (const key in value) {
    const item = value[key]
    if (typeof item === 'object' && item !== null) deepFreeze(item, depth + 1)
  }
  return value
}
