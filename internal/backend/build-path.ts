import { GatewayError } from '../errors.ts'
import { capitalised } from '../pipe/params.ts'
import { toBytes } from '../pipe/percent.ts'
import type { Decorator, Params, Pipe } from '../pipe/pipe.ts'
import { goQuote } from '../telemetry/go-quote.ts'

/** Fills a backend's `url_pattern` with a request's parameters: path and query as they go over the wire. */
export type BuildPath = (params: Params) => string

/** How values become text inside a URL. */
export type Escaping = 'as-is' | 'escaped'

const PLACEHOLDER = /\{([\w\-.:/]+)\}/g
/** What Go's `url.EscapedPath` sends as it is: unreserved, sub-delimiters, `:@[]/`, and whole escapes. */
const CLEAN_PATH = /^(?:[A-Za-z0-9\-_.~/!$&'()*+,;=:@[\]]|%[0-9A-Fa-f]{2})*$/
/** Kept when a path has to be escaped anew (Go's `encodePath`): every other byte becomes `%XX`. */
const KEPT = /[A-Za-z0-9\-_.~/$&+,:;=@]/
const CLEAN_QUERY = /^[!-~]*$/

/**
 * Compiles `url_pattern`. Placeholders name parameters by their capitalised name (`{id}` → `Id`); values go in as
 * text, and what they make of the URL is put right as Go's `url.Parse` and `String` do. A parameter nobody set
 * leaves `{{.Id}}`, escaped, as in KrakenD. `escaped` (sequential values) keeps a value from opening a query or
 * another parameter, and fails when there is none. `host` is the one that messages about a broken URL show.
 */
export function pathBuilder(
  urlPattern: string,
  escapingOf: (param: string) => Escaping,
  host = '',
): BuildPath {
  const pieces = urlPattern.split(PLACEHOLDER)
  if (pieces.length === 1) {
    return fixedPath(urlPattern, host)
  }
  const names = pieces.map((piece, at) => (at % 2 === 1 ? capitalised(piece) : ''))
  const fills = pieces.map((_, at) => {
    if (at % 2 === 0) return undefined
    const isInQuery = pieces
      .slice(0, at)
      .some((before, index) => index % 2 === 0 && before.includes('?'))
    return escapingOf(names[at] as string) === 'as-is' ? fillAsIs : isInQuery ? fillQuery : fillPath
  })
  return function buildPath(params) {
    let text = ''
    for (let at = 0; at < pieces.length; at++) {
      const fill = fills[at]
      text += fill === undefined ? pieces[at] : fill(names[at] as string, params)
    }
    return parsed(text, host)
  }
}

/** A path without placeholders; one that is none fails its requests, not the start, as in KrakenD. */
function fixedPath(urlPattern: string, host: string): BuildPath {
  try {
    const fixed = parsed(urlPattern, host)
    return () => fixed
  } catch (problem) {
    return () => {
      throw problem
    }
  }
}

/** As it goes over the wire; what is none is named in the words of Go's `url.Parse`. */
function parsed(text: string, host: string): string {
  try {
    return wirePath(text)
  } catch (problem) {
    if (!(problem instanceof GatewayError)) throw problem
    const url = toBytes(`${host}${text}`).toString('latin1')
    throw new GatewayError('bad-url', { message: `parse ${goQuote(url)}: ${problem.message}` })
  }
}

/**
 * Behind a wildcard endpoint (`/v1/*`) the rest of the path follows `url_pattern`, as in KrakenD Enterprise,
 * unless the pattern says itself where it goes (`/x/{wildcard}/y`). A `/*` at its end means the same.
 */
export function followWildcard(endpoint: string, urlPattern: string): string {
  if (!endpoint.endsWith('/*') || urlPattern.includes('{wildcard}')) return urlPattern
  const [path = '', ...query] = urlPattern.split('?')
  return [`${path.replace(/\/\*?$/, '')}/{wildcard}`, ...query].join('?')
}

type Fill = (name: string, params: Params) => string
const fillAsIs: Fill = (name, params) => params[name] ?? `{{.${name}}}`
const required: Fill = (name, params) => {
  const value = params[name]
  if (value === undefined)
    throw new GatewayError('bad-url', { message: `no value for ${name} in the answers before` })
  return value
}
const fillPath: Fill = (name, params) =>
  required(name, params).replace(/[%?#]/g, encodeURIComponent)
const fillQuery: Fill = (name, params) =>
  required(name, params).replace(/[%&#+ ]/g, encodeURIComponent)

/** Path and query as Go sends them; throws where `url.Parse` fails. */
export function wirePath(text: string): string {
  const hash = text.indexOf('#')
  const whole = hash < 0 ? text : text.slice(0, hash)
  const mark = whole.indexOf('?')
  const path = mark < 0 ? whole : whole.slice(0, mark)
  const query = mark < 0 ? '' : whole.slice(mark)
  if (CLEAN_PATH.test(path) && (query === '' || CLEAN_QUERY.test(query))) return whole
  if (/[\x00-\x1f\x7f]/.test(whole))
    throw new GatewayError('bad-url', { message: 'net/url: invalid control character in URL' })
  return (CLEAN_PATH.test(path) ? path : reescape(path)) + wireQuery(query)
}

/** Unescapes and escapes again, byte by byte: `%2F` becomes `/` here, as it does in Go. */
function reescape(path: string): string {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(path)
  if (bad !== null)
    throw new GatewayError('bad-url', { message: `invalid URL escape ${JSON.stringify(bad[0])}` })
  const bytes = toBytes(path)
  let escaped = ''
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] as number
    if (byte === PERCENT) {
      byte = Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16)
      at += 2
    }
    const character = String.fromCharCode(byte)
    escaped += KEPT.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}
const PERCENT = 0x25

/** Go sends a query as it is; blanks would end the request line here, so they are escaped; the rest goes out as UTF-8 bytes. */
function wireQuery(query: string): string {
  return CLEAN_QUERY.test(query) ? query : toBytes(query.replaceAll(' ', '%20')).toString('latin1')
}

/** The step that fills `url_pattern` in, and takes the backend's method. */
export function buildUrl(method: string, buildPath: BuildPath): Decorator<Pipe> {
  return (next) =>
    function buildUrlPattern(request, deadline) {
      let path: string
      try {
        path = buildPath(request.params)
      } catch (error) {
        return Promise.reject(error)
      }
      const { host, query, headers, params, body } = request
      return next({ method, host, path, query, headers, params, body }, deadline)
    }
}
