/** Libraries that try several times, or at several brokers, say no more than that all failed: why the last one did. */
export function lastReason(thrown: unknown): never {
  let reason = thrown
  while (reason instanceof AggregateError && reason.errors.length > 0) reason = reason.errors.at(-1)
  throw reason
}
