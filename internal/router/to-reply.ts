import type { EndpointConfig, RouterConfig } from '../config/types.ts'
import type { Encode } from '../encode/encode.ts'
import type { GatewayError } from '../errors.ts'
import { headerValue } from '../pipe/headers.ts'
import { NO_DATA } from '../pipe/no-data.ts'
import type {
  DataResponse,
  HeaderList,
  ProxyResponse,
  Reply,
  StreamResponse,
} from '../pipe/pipe.ts'
import { versionHeader } from './version-header.ts'

/** Turns what an endpoint's pipe came to into what its client gets. */
export type ToReply = {
  fromResponse(response: ProxyResponse, request: { readonly headers: HeaderList }): Reply
  fromError(error: GatewayError): Reply
}

export type ReplyOptions = {
  readonly endpoint: Pick<EndpointConfig, 'cacheTtlMs'>
  readonly router: Pick<RouterConfig, 'returnErrorMsg' | 'hideVersionHeader'>
  /** Writes data; `undefined` for `no-op`, which passes what came. */
  readonly encode: Encode | undefined
}

const TEXT = 'text/plain; charset=utf-8'
const INTERNAL_ERROR = 500
/** Headers of a connection, not of a message (RFC 9110, 7.6.1): the listener writes its own. */
const CONNECTION_HEADERS = new Set([
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'Te',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
])
/**
 * Compiles an endpoint's replies. Data are 200 in the endpoint's encoding, complete (`X-Krakend-Completed`,
 * `Cache-Control`) when every part came and there is at least one key; an error is its own status or 500.
 */
export function toReply({ endpoint, router, encode }: ReplyOptions): ToReply {
  const lines = headerLines(versionHeader(router), endpoint.cacheTtlMs)
  const fromData = encode === undefined ? passData(lines) : encodeData(lines, encode)

  return {
    fromResponse(response, request) {
      if (response.kind === 'data') return fromData(response, request)
      if (encode === undefined) return passStream(response, lines)
      response.body.destroy()
      // An answer without data stands in for the stream: KrakenD loses it too.
      return fromData({ ...NO_DATA, errors: response.errors }, request)
    },

    fromError(error) {
      const status = error.status ?? INTERNAL_ERROR
      const errors = errorTexts(error)
      const headers =
        error.headers.length > 0 ? [...lines.incomplete, ...error.headers] : lines.incomplete
      if (!router.returnErrorMsg) return { status, headers, body: undefined, errors }
      const type = error.contentType || (error.message === '' ? undefined : TEXT)
      const typed = type === undefined ? headers : [...headers, 'Content-Type', type]
      return { status, headers: typed, body: error.message, errors }
    },
  }
}

type Lines = {
  readonly complete: HeaderList
  readonly incomplete: HeaderList
  /** One of both with a Content-Type: built once for each type that occurs. */
  typed(isComplete: boolean, contentType: string): HeaderList
}

function headerLines(version: string, cacheTtlMs: number): Lines {
  const incomplete: HeaderList = Object.freeze([
    'X-Krakend',
    version,
    'X-Krakend-Completed',
    'false',
  ])
  const cached =
    cacheTtlMs === 0 ? [] : ['Cache-Control', `public, max-age=${Math.trunc(cacheTtlMs / 1000)}`]
  const complete: HeaderList = Object.freeze([
    ...['X-Krakend', version, 'X-Krakend-Completed', 'true'],
    ...cached,
  ])
  // Encoders have one type each, `negotiate` a few: these stay small.
  const types = [new Map<string, HeaderList>(), new Map<string, HeaderList>()] as const
  return {
    complete,
    incomplete,
    typed(isComplete, contentType) {
      const known = types[isComplete ? 1 : 0]
      const found = known.get(contentType)
      if (found !== undefined) return found
      const list = Object.freeze([
        ...(isComplete ? complete : incomplete),
        'Content-Type',
        contentType,
      ])
      known.set(contentType, list)
      return list
    },
  }
}

type FromData = (response: DataResponse, request: { readonly headers: HeaderList }) => Reply

function encodeData(lines: Lines, encode: Encode): FromData {
  return (response, request) => {
    const { contentType, body } = encode(response, request)
    const isFull = hasKeys(response)
    const isComplete = isFull && response.isComplete
    const headers =
      isFull && response.headers.length > 0
        ? withOwnHeaders(lines, isComplete, contentType, response.headers)
        : lines.typed(isComplete, contentType)
    return reply(200, headers, body, response.errors)
  }
}

/** A Content-Type that a component set wins over the encoder's. */
function withOwnHeaders(
  lines: Lines,
  isComplete: boolean,
  contentType: string,
  own: HeaderList,
): HeaderList {
  if (headerValue(own, 'content-type') === undefined)
    return [...lines.typed(isComplete, contentType), ...own]
  return [...(isComplete ? lines.complete : lines.incomplete), ...own]
}

/** `no-op` writes no data, only the status and headers that a component set. */
function passData(lines: Lines): FromData {
  return (response) => {
    const isComplete = response.isComplete && hasKeys(response)
    const headers = [...(isComplete ? lines.complete : lines.incomplete), ...response.headers]
    return reply(response.status || 200, headers, undefined, response.errors)
  }
}

function passStream(response: StreamResponse, lines: Lines): Reply {
  const isComplete = response.hasData === true && response.isComplete
  const headers = [...(isComplete ? lines.complete : lines.incomplete)]
  for (let at = 0; at < response.headers.length; at += 2) {
    const name = response.headers[at] as string
    if (!CONNECTION_HEADERS.has(name)) headers.push(name, response.headers[at + 1] as string)
  }
  return reply(response.status || 200, headers, response.body, response.errors)
}

function reply(
  status: number,
  headers: HeaderList,
  body: Reply['body'],
  errors: readonly GatewayError[],
): Reply {
  return errors.length === 0
    ? { status, headers, body }
    : { status, headers, body, errors: errors.flatMap(errorTexts) }
}

function hasKeys({ data }: DataResponse): boolean {
  for (const _key in data) return true
  return false
}

/** One text for each failure: those of its parts where a merge failed. */
function errorTexts(error: GatewayError): string[] {
  const { cause } = error
  return Array.isArray(cause)
    ? cause.map((part: unknown) => (part instanceof Error ? part.message : String(part)))
    : [error.message]
}
