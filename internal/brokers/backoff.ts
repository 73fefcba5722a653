/** How long to wait before try `attempt` (0, 1, ...), in milliseconds. */
export type Backoff = (attempt: number) => number

const SECOND_MS = 1000
/** Doubling would come to years. */
const LONGEST_MS = 600_000
const DOUBLINGS = 20

/** KrakenD's `backoff_strategy` by its name; any other name waits a second each time. */
export function backoffOf(strategy: string, random: () => number): Backoff {
  const bounded = (ms: number): number => Math.min(LONGEST_MS, ms)
  const linear: Backoff = (attempt) => bounded(attempt * SECOND_MS)
  const exponential: Backoff = (attempt) => bounded(2 ** Math.min(attempt, DOUBLINGS) * SECOND_MS)
  const jitter =
    (backoff: Backoff): Backoff =>
    (attempt) => {
      const ms = backoff(attempt)
      const most = ms / 3 + 1
      return Math.max(1, Math.round(ms + (random() * 2 - 1) * most))
    }
  switch (strategy.toLowerCase()) {
    case 'linear':
      return linear
    case 'linear-jitter':
      return jitter(linear)
    case 'exponential':
      return exponential
    case 'exponential-jitter':
      return jitter(exponential)
    default:
      return () => SECOND_MS
  }
}
