import type { Snapshot, Subscription } from './discovery.ts'

/** A list that never changes, as `sd: "static"` gives it where nobody watches its health. */
export function fixedSubscription(current: Snapshot, close: () => void): Subscription {
  return {
    name: current.name,
    isFixed: true,
    current,
    first: async () => current,
    beforeUse: (prepare) => prepare(current),
    ejected() {},
    close,
  }
}
