/** Readings to choose from: a thread may be held up between two clocks, but not every time. */
const READINGS = 16

/**
 * Milliseconds on a clock that never jumps and that all threads of the process agree on: `performance.now()` counts
 * from each thread's own start, so it is shifted by when that was.
 */
export function monotonicClock(): () => number {
  const [closest] = Array.from({ length: READINGS }, reading).sort(
    (one, other) => one.spanMs - other.spanMs,
  )
  const shiftMs = closest?.shiftMs ?? 0
  return () => performance.now() + shiftMs
}

/** How far the threads' common clock is ahead of this thread's own, and how long the look took. */
function reading(): { readonly shiftMs: number; readonly spanMs: number } {
  const beforeMs = performance.now()
  const sharedMs = Number(process.hrtime.bigint() / 1000n) / 1000
  const afterMs = performance.now()
  return { shiftMs: sharedMs - (beforeMs + afterMs) / 2, spanMs: afterMs - beforeMs }
}
