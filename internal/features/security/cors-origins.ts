const ALL = '*'

/** What `Access-Control-Allow-Origin` says to `origin`; `undefined` when it may not read the answer. */
export type AllowOrigin = (origin: string | undefined) => string | undefined

/**
 * Compiles `allow_origins`: texts compared without regard to case; the first `*` in one stands for anything;
 * an origin `*`, or no list at all, allows everybody.
 */
export function allowedOrigins(origins: readonly string[]): AllowOrigin {
  const lower = origins.map((origin) => origin.toLowerCase())
  if (lower.length === 0 || lower.includes(ALL))
    return (origin) => (origin === undefined || origin === '' ? undefined : ALL)
  const exact = new Set(lower.filter((origin) => !origin.includes(ALL)))
  const patterns = lower.filter((origin) => origin.includes(ALL)).map(wildcard)
  return (origin) => {
    if (origin === undefined || origin === '') return undefined
    const wanted = origin.toLowerCase()
    return exact.has(wanted) || patterns.some((matches) => matches(wanted)) ? origin : undefined
  }
}

function wildcard(origin: string): (wanted: string) => boolean {
  const at = origin.indexOf(ALL)
  const start = origin.slice(0, at)
  const end = origin.slice(at + 1)
  return (wanted) =>
    wanted.length >= start.length + end.length && wanted.startsWith(start) && wanted.endsWith(end)
}
