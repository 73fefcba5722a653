import type { KeyObject } from 'node:crypto'
import type { Deadline } from '../../../pipe/deadline.ts'

/** The keys that a validator trusts, by what its strategy calls them. */
export type KeyRing = {
  /** The key that is at hand and may be used now. */
  keyNow(id: string): KeyObject | undefined
  /** Looks further. Rejects with the reason when there is none, or when the deadline comes first. */
  find(id: string, deadline: Deadline): Promise<KeyObject>
  /** Whether keys stay at hand between requests: without that no verdict may. */
  readonly isLasting: boolean
}

/** Keys that are all known. */
export function fixedKeys(keys: ReadonlyMap<string, KeyObject>): KeyRing {
  return {
    isLasting: true,
    keyNow: (id) => keys.get(id),
    find: (id) => Promise.reject(new Error(`key ${JSON.stringify(id)} not found in the key set`)),
  }
}
