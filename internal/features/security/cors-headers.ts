const ALL = '*'
/** RFC 9110, 5.6.1: recipients tolerate "a reasonable number" of empty elements. */
const MOST_EMPTY = 16
/** A name with at most one blank or tab on each side. */
const ELEMENT = /^[ \t]?([^ \t](?:.*[^ \t])?)?[ \t]?$/

/** Whether a preflight may ask for these headers (the values of Access-Control-Request-Headers). */
export type AllowHeaders = (values: readonly string[]) => boolean

/**
 * Compiles `allow_headers`. Browsers send names in small letters, sorted, each once; anything else is refused,
 * which also keeps long lists of names cheap.
 */
export function headerRequests(allowed: readonly string[]): AllowHeaders {
  if (allowed.length === 0 || allowed.includes(ALL)) return () => true
  const names = [...new Set(allowed.map((name) => name.toLowerCase()))].sort()
  const positions = new Map(names.map((name, position) => [name, position]))
  return (values) => {
    let last = -1
    let empty = 0
    for (const element of values.flatMap((value) => value.split(','))) {
      const found = ELEMENT.exec(element)
      if (found === null) return false
      const [, name = ''] = found
      if (name === '') {
        if (++empty > MOST_EMPTY) return false
        continue
      }
      const position = positions.get(name)
      if (position === undefined || position <= last) return false
      last = position
    }
    return true
  }
}
