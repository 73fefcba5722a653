/** What a `Cache-Control` says. Names are in small letters; of one that stands twice the first counts. */
export type Directives = {
  has(name: string): boolean
  /** `undefined` when it is absent or has no value; 0 when that is no number of seconds. */
  seconds(name: string): number | undefined
}

/** RFC 9111, 1.2.2: what is larger counts as this. */
const MOST_SECONDS = 2 ** 31

/** Reads all lines of `Cache-Control` (RFC 9111, 5.2). Values may be quoted. */
export function directives(lines: readonly string[]): Directives {
  const values = new Map<string, string | undefined>()
  for (const part of lines.flatMap(parts)) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase()
    if (name === '' || values.has(name)) continue
    values.set(name, equals < 0 ? undefined : unquoted(part.slice(equals + 1).trim()))
  }
  return {
    has: (name) => values.has(name),
    seconds(name) {
      const value = values.get(name)
      if (value === undefined) return undefined
      return /^\d+$/.test(value) ? Math.min(Number(value), MOST_SECONDS) : 0
    },
  }
}

/** The text between commas that stand outside quotes. */
function parts(line: string): string[] {
  const found: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < line.length; at++) {
    const character = line[at]
    if (isQuoted && character === '\\') at++
    else if (character === '"') isQuoted = !isQuoted
    else if (character === ',' && !isQuoted) {
      found.push(line.slice(start, at))
      start = at + 1
    }
  }
  return [...found, line.slice(start)]
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, value.endsWith('"') ? -1 : undefined) : value
