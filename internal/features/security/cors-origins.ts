const ALL = '*'

/**
 * What `Access-Control-Allow-Origin` says to the `Origin` lines of a request; nothing when it may not read the
 * answer. The first one decides; all are repeated, as rs/cors does (browsers send one, and take none but one).
 */
export type AllowOrigin = (origins: readonly string[]) => readonly string[]

const NOBODY: readonly string[] = Object.freeze([])
const EVERYBODY: readonly string[] = Object.freeze([ALL])

/**
 * Compiles `allow_origins`: texts compared without regard to case; the first `*` in one stands for anything;
 * an origin `*`, or no list at all, allows everybody.
 */
export function allowedOrigins(origins: readonly string[]): AllowOrigin {
  const lower = origins.map((origin) => origin.toLowerCase())
  if (lower.length === 0 || lower.includes(ALL))
    return ([origin = '']) => (origin === '' ? NOBODY : EVERYBODY)
  const exact = new Set(lower.filter((origin) => !origin.includes(ALL)))
  const patterns = lower.filter((origin) => origin.includes(ALL)).map(wildcard)
  return (sent) => {
    const wanted = (sent[0] ?? '').toLowerCase()
    if (wanted === '') return NOBODY
    return exact.has(wanted) || patterns.some((matches) => matches(wanted)) ? sent : NOBODY
  }
}

function wildcard(origin: string): (wanted: string) => boolean {
  const at = origin.indexOf(ALL)
  const start = origin.slice(0, at)
  const end = origin.slice(at + 1)
  return (wanted) =>
    wanted.length >= start.length + end.length && wanted.startsWith(start) && wanted.endsWith(end)
}
