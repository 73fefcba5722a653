type Pending = { readonly atMs: number; readonly run: () => void }

/** A clock with timers that only the test moves. */
export function handClock(startMs = 1_000_000) {
  let nowMs = startMs
  const timers = new Set<Pending>()
  return {
    now: () => nowMs,
    timer(delayMs: number, run: () => void) {
      const pending = { atMs: nowMs + delayMs, run }
      timers.add(pending)
      return () => void timers.delete(pending)
    },
    /** Runs what becomes due on the way, each at its own time. */
    pass(ms: number): void {
      const untilMs = nowMs + ms
      for (;;) {
        const [next] = [...timers]
          .filter(({ atMs }) => atMs <= untilMs)
          .toSorted((one, other) => one.atMs - other.atMs)
        if (next === undefined) break
        timers.delete(next)
        nowMs = Math.max(nowMs, next.atMs)
        next.run()
      }
      nowMs = untilMs
    },
    get waiting(): number {
      return timers.size
    },
  }
}
