import type { Snapshot, Subscription } from './discovery.ts'

/** A list that never changes, as `sd: "static"` gives it. */
export function fixedSubscription(current: Snapshot, close: () => void): Subscription {
  return { name: current.name, current, first: async () => current, close }
}
