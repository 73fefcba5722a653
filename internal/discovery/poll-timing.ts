/** KrakenD's refresh period, and the shortest it takes. */
const DEFAULT_PERIOD_MS = 30_000
const SHORTEST_PERIOD_MS = 1000
/** Polls spread over this part of their period, so that many names do not come all at once. */
const JITTER = 0.1
/** The first retry after a failure; each further one waits twice as long, up to the period. */
const FIRST_RETRY_MS = 500

/** Calls `run` after `delayMs`; the returned function takes it back. */
export type Timer = (delayMs: number, run: () => void) => () => void

/** Real time, without keeping the process alive. */
export const realTimer: Timer = (delayMs, run) => {
  const timeout = setTimeout(run, delayMs).unref()
  return () => clearTimeout(timeout)
}

/** `dns_cache_ttl` as KrakenD takes it: what is too short is the default. */
export function usualPeriodMs(periodMs: number): number {
  return periodMs < SHORTEST_PERIOD_MS ? DEFAULT_PERIOD_MS : periodMs
}

/** How long to wait until the next look-up. */
export function nextDelayMs(period: number, failures: number, random: () => number): number {
  const wait = failures === 0 ? period : Math.min(period, FIRST_RETRY_MS * 2 ** (failures - 1))
  return wait * (1 + JITTER * (2 * random() - 1))
}

/** How long an answer holds: its TTL within bounds, and a little less for some, so that they do not come all at once. */
export function ttlDelayMs(
  ttlMs: number,
  { floorMs, ceilingMs }: { readonly floorMs: number; readonly ceilingMs: number },
  random: () => number,
): number {
  const bounded = Math.min(Math.max(ttlMs, floorMs), ceilingMs)
  return Math.max(floorMs, bounded * (1 - JITTER * random()))
}
