/** Lets `max_rate` messages a second begin; the others wait their turn. */
export type Pacer = {
  /** Resolves when a message may begin: `false` when it was stopped before. */
  wait(): Promise<boolean>
  /** Nobody waits any longer. */
  stop(): void
}

const SECOND_MS = 1000
/** What a timer can wait. */
const SHORTEST_MS = 1

/** A bucket of `max_rate` tokens (one at least) that starts full and gets `max_rate` a second. */
export function pacer(maxRate: number, clock: () => number): Pacer {
  const capacity = Math.max(1, Math.trunc(maxRate))
  const intervalMs = SECOND_MS / maxRate
  /** When the bucket was, or will be, empty but for what came in since. */
  let emptyAtMs = clock() - capacity * intervalMs
  const waiting = new Map<NodeJS.Timeout, (mayBegin: boolean) => void>()
  return {
    wait() {
      const nowMs = clock()
      emptyAtMs = Math.max(emptyAtMs, nowMs - capacity * intervalMs) + intervalMs
      const waitMs = emptyAtMs - nowMs
      if (waitMs < SHORTEST_MS) return Promise.resolve(true)
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(timer)
          resolve(true)
        }, waitMs)
        waiting.set(timer, resolve)
      })
    },
    stop() {
      for (const [timer, resolve] of waiting) {
        clearTimeout(timer)
        resolve(false)
      }
      waiting.clear()
    },
  }
}
