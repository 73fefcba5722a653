import type { JsonValue } from '../pipe/pipe.ts'
import type { Finding, Path } from './problem.ts'

/** Whole numbers beyond 2^53, which lost digits when they were read: KrakenD reads them as loosely. */
export function largeNumbers(value: JsonValue, path: Path = []): Finding[] {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return []
    return [
      {
        path,
        message: 'a whole number beyond 2^53',
        effect: `it counts as ${value}; a text keeps every digit`,
      },
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item, at) => largeNumbers(item, [...path, at]))
  return Object.entries(value).flatMap(([key, item]) => largeNumbers(item, [...path, key]))
}
