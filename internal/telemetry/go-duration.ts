const US = 1e3
const MS = 1e6
const SECOND = 1e9
const MINUTE = 60 * SECOND

/**
 * A duration as Go prints it (`1.853µs`, `12.5ms`, `1m10s`), from whole nanoseconds. The quotients are shown
 * exactly: they have at most eleven digits, and a double's shortest spelling keeps fifteen.
 */
export function goDuration(ns: number): string {
  if (ns < US) return ns === 0 ? '0s' : `${ns}ns`
  if (ns < MS) return `${ns / US}µs`
  if (ns < SECOND) return `${ns / MS}ms`
  const minutes = Math.floor(ns / MINUTE)
  const seconds = `${(ns % MINUTE) / SECOND}s`
  if (minutes === 0) return seconds
  const hours = Math.floor(minutes / 60)
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`
}
