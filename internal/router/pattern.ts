import { ConfigError, type Place } from '../errors.ts'
import { cleanPath } from './clean-path.ts'

/**
 * The parameter that holds what a trailing `/*` of an endpoint matched, without its leading slash:
 * `/files/*` asked for `/files/a/b.txt` gives `a/b.txt`. In a `url_pattern`, `/x/*` means `/x/{wildcard}`.
 */
export const WILDCARD = 'wildcard'

/** One part of a path between slashes. */
export type Segment =
  | { readonly kind: 'static'; readonly text: string }
  /** `prefix` is `''` but for placeholders inside a segment (`/file.{ext}` with `disable_rest`). */
  | { readonly kind: 'param'; readonly prefix: string; readonly name: string }
  /** Everything that follows; always the last one. */
  | { readonly kind: 'wildcard' }

/** An endpoint's path, read once. */
export type Pattern = {
  /** As the router of KrakenD writes it (`/users/:id`): for messages and telemetry labels. */
  readonly text: string
  readonly segments: readonly Segment[]
  /** Names of its parameters in order, `wildcard` included. */
  readonly names: readonly string[]
}

const STRICT = /\/\{([a-zA-Z\-_0-9]+)\}/g
const ANYWHERE = /\{([\w\-.:/]+)\}/g

/**
 * Reads an endpoint's path. A placeholder is a whole segment (`/users/{id}`); with `disableRest` it may
 * stand anywhere (`/file.{ext}`) and takes the rest of its segment. A literal `:name` is one as well, as in
 * gin; `\:` is a colon; doubled slashes and dot segments are cleaned first. A trailing `/*` matches everything below. Throws a `ConfigError` in gin's words.
 */
export function parsePattern(endpoint: string, disableRest: boolean, place: Place = {}): Pattern {
  const text = colonForm(cleanPath(endpoint), disableRest)
  const parts = text.split('/').slice(1)
  const segments = parts.map((part, at): Segment => {
    if (part === '*' && at === parts.length - 1) return { kind: 'wildcard' }
    return parseSegment(part, text, place)
  })
  const names = segments.flatMap((segment) =>
    segment.kind === 'param' ? [segment.name] : segment.kind === 'wildcard' ? [WILDCARD] : [],
  )
  if (names.includes('__proto__'))
    throw new ConfigError(`a parameter cannot be named __proto__ in path '${text}'`, place)
  if (names.at(-1) === WILDCARD && names.indexOf(WILDCARD) < names.length - 1)
    throw new ConfigError(
      `'{${WILDCARD}}' is the name of what '/*' matches in path '${text}'`,
      place,
    )
  return { text, segments, names }
}

/** `/users/{id}` as `/users/:id`. A name found once is replaced wherever it stands in braces, as KrakenD does. */
function colonForm(endpoint: string, disableRest: boolean): string {
  let text = endpoint
  for (const [, name] of endpoint.matchAll(disableRest ? ANYWHERE : STRICT))
    text = text.replaceAll(`{${name}}`, `:${name}`)
  return text
}

function parseSegment(part: string, path: string, place: Place): Segment {
  const start = firstMark(part, path, place)
  if (start < 0) return { kind: 'static', text: part.replaceAll('\\:', ':') }
  const mark = part.slice(start)
  if (/[:*]/.test(mark.slice(1)))
    throw new ConfigError(
      `only one wildcard per path segment is allowed, has: '${mark}' in path '${path}'`,
      place,
    )
  if (mark.length < 2)
    throw new ConfigError(`wildcards must be named with a non-empty name in path '${path}'`, place)
  if (mark.startsWith('*'))
    throw new ConfigError(
      `catch-all routes are only allowed at the end of the path, as '/*', in path '${path}'`,
      place,
    )
  return { kind: 'param', prefix: part.slice(0, start).replaceAll('\\:', ':'), name: mark.slice(1) }
}

/** Where the first `:` or `*` of a segment stands, leaving out `\:`; -1 without one. */
function firstMark(part: string, path: string, place: Place): number {
  for (let at = 0; at < part.length; at++) {
    const char = part[at]
    if (char === ':' || char === '*') return at
    if (char !== '\\') continue
    if (part[++at] !== ':') throw new ConfigError(`invalid escape string in path '${path}'`, place)
  }
  return -1
}
