import { toGatewayError } from '../errors.ts'
import { canonicalHeader } from '../pipe/headers.ts'
import { decodePercent } from '../pipe/percent.ts'
import type { ClientRequest, Handler, HeaderList, QueryList, Reply } from '../pipe/pipe.ts'
import { encodeQuery, parseQuery } from '../pipe/query.ts'
import type { Logger } from '../telemetry/log.ts'
import { readBody } from './read-body.ts'

const JSON_TYPE: HeaderList = Object.freeze(['Content-Type', 'application/json; charset=utf-8'])
const LOG_PREFIX = '[ENDPOINT: /__debug/*]'
/** Larger bodies are refused: these endpoints hold them in memory. */
const MAX_BODY_BYTES = 8 << 20
/** Go's server takes these out of a request's headers. */
const NOT_HEADERS = new Set(['Host', 'Transfer-Encoding', 'Trailer'])

/** Logs what it received at DEBUG level and answers `pong` (`debug_endpoint`). */
export function debug(log: Logger): Handler {
  return withBody(function answerDebug(request, body) {
    log.debug(LOG_PREFIX, 'Method:', request.method)
    log.debug(LOG_PREFIX, 'URL:', uriOf(request))
    log.debug(LOG_PREFIX, 'Query:', JSON.stringify(queryOf(request)))
    log.debug(LOG_PREFIX, 'Params:', JSON.stringify(request.params))
    log.debug(LOG_PREFIX, 'Headers:', JSON.stringify(headersOf(request)))
    log.debug(LOG_PREFIX, 'Body:', body.toString())
    return { status: 200, headers: JSON_TYPE, body: '{"message":"pong"}' }
  })
}

/** Answers with what it received (`echo_endpoint`). */
export function echo(): Handler {
  return withBody(function answerEcho(request, body) {
    const path = decodePercent(request.path)
    const answer = {
      req_uri: uriOf(request),
      req_uri_details: {
        fragment: '',
        host: request.host,
        path: typeof path === 'string' ? path : request.path,
        query: encodeQuery(parseQuery(request.rawQuery)),
        user: '',
      },
      req_method: request.method,
      req_querystring: queryOf(request),
      req_body: body.toString(),
      req_headers: headersOf(request),
    }
    return { status: 200, headers: JSON_TYPE, body: escapeHtml(JSON.stringify(answer)) }
  })
}

type Answer = (request: ClientRequest, body: Buffer) => Reply

/** Reads the body first; one that is too large or breaks off is answered with its error's status. */
function withBody(answer: Answer): Handler {
  return async function readAndAnswer(request, deadline) {
    try {
      return answer(request, await readBody(request.body, MAX_BODY_BYTES, deadline))
    } catch (thrown) {
      const { status = 500, message } = toGatewayError(thrown)
      return { status, headers: [], body: undefined, errors: [message] }
    }
  }
}

const uriOf = ({ path, rawQuery }: ClientRequest): string =>
  rawQuery === '' ? path : `${path}?${rawQuery}`

const queryOf = ({ rawQuery }: ClientRequest): Record<string, string[]> =>
  grouped(parseQuery(rawQuery))

function headersOf({ headers }: ClientRequest): Record<string, string[]> {
  const named = headers.map((text, at) => (at % 2 === 0 ? canonicalHeader(text) : text))
  return grouped(named.filter((_text, at) => !NOT_HEADERS.has(named[at - (at % 2)] as string)))
}

/** Values by name, names sorted. */
function grouped(list: QueryList): Record<string, string[]> {
  const groups = new Map<string, string[]>()
  for (let at = 0; at < list.length; at += 2) {
    const [name, value] = [list[at] as string, list[at + 1] as string]
    const values = groups.get(name)
    if (values === undefined) groups.set(name, [value])
    else values.push(value)
  }
  return Object.fromEntries([...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** As Go's JSON: harmless inside a page. */
const escapeHtml = (json: string): string =>
  json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
