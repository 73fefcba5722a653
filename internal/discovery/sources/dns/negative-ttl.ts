import type { Reply } from './message.ts'

/** A service that is deployed a moment after its name was asked for is found after this long at most. */
const LONGEST_MS = 30_000

/** How long a name that is not there need not be asked for again; `undefined` when the answer does not say. */
export function negativeTtlMs({ negativeTtlSeconds }: Reply): number | undefined {
  if (negativeTtlSeconds === undefined) return undefined
  return Math.min(negativeTtlSeconds * 1000, LONGEST_MS)
}
