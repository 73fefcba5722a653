import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { GatewayError } from '../errors.ts'
import { bodySize } from '../pipe/body-size.ts'
import type { Deadline } from '../pipe/deadline.ts'
import type { HeaderList } from '../pipe/pipe.ts'
import { isStaleConnection } from './call-error.ts'
import type { Call, Client, Send, UpstreamReply } from './client.ts'
import { Exchange } from './exchange.ts'
import { type HttpClientOptions, originPools } from './origin-pools.ts'
import type { ForwardProxy } from './proxy-environment.ts'
import { following } from './redirect.ts'
import { readSmall, SMALL_BODY_BYTES, upload } from './upload.ts'

/** Headers that belong to a connection, not to a message: undici writes its own or refuses them. */
const CONNECTION_HEADERS = new Set([
  'Connection',
  'Keep-Alive',
  'Transfer-Encoding',
  'Upgrade',
  'Expect',
  'Proxy-Connection',
  'Trailer',
  'Te',
])

/**
 * The client of a thread: connections kept per origin, HTTP/1.1 as KrakenD, redirects followed, a call without a
 * body sent once more when its kept-alive connection turns out to be closed.
 */
export function httpClient(options: HttpClientOptions): Client {
  const pools = originPools(options)
  const headerTimeoutMs = options.transport.responseHeaderTimeoutMs

  const dispatch = (call: Call, deadline: Deadline): Promise<UpstreamReply> => {
    if (deadline.reason !== undefined) return Promise.reject(deadline.reason)
    const { pool, proxy } = pools.to(call.origin)
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(call, deadline, resolve, reject)
      if (headerTimeoutMs > 0) exchange.expectHeadersWithin(headerTimeoutMs)
      pool.dispatch(proxy === undefined ? dispatchOf(call) : throughProxy(call, proxy), exchange)
    })
  }

  const dispatchWithBody = (call: Call, deadline: Deadline): Promise<UpstreamReply> => {
    const { body } = call
    if (body === undefined || Buffer.isBuffer(body)) return dispatch(call, deadline)
    const size = bodySize(body)
    if (size === undefined || size > SMALL_BODY_BYTES)
      return dispatch({ ...call, body: upload(body) }, deadline)
    return readSmall(body, size, deadline).then((bytes) =>
      dispatch({ ...call, body: bytes }, deadline),
    )
  }

  const again = (call: Call, deadline: Deadline, error: GatewayError): Promise<UpstreamReply> => {
    const wasKept = () => options.kept.hadAt(call.origin, deadline.startMs)
    const isStale = isStaleConnection(error.cause, wasKept)
    if (!isStale || !IDEMPOTENT.has(call.method)) throw error
    return dispatch(call, deadline)
  }

  const exchange: Send = (call, deadline) => {
    const headers = messageHeaders(call.headers)
    const sendable = headers === call.headers ? call : { ...call, headers }
    return sendable.body === undefined
      ? dispatch(sendable, deadline).catch((error) => again(sendable, deadline, error))
      : dispatchWithBody(sendable, deadline)
  }

  return {
    exchange,
    send: following(exchange),
    retire: pools.retire,
    close: pools.close,
  }
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

const dispatchOf = (call: Call): Dispatcher.DispatchOptions => ({
  origin: call.origin,
  method: call.method as Dispatcher.HttpMethod,
  path: call.path,
  headers: call.headers as string[],
  body: (call.body ?? null) as Readable | Buffer | null,
})

/** A plain call by way of a forward proxy: the whole address in the request line, the upstream's name in `Host`. */
function throughProxy(
  call: Call,
  { origin, authorization }: ForwardProxy,
): Dispatcher.DispatchOptions {
  const headers = [...call.headers, 'Host', new URL(call.origin).host]
  if (authorization !== undefined) headers.push('Proxy-Authorization', authorization)
  return { ...dispatchOf(call), origin, path: `${call.origin}${call.path}`, headers }
}

/**
 * What may be sent: without the connection's headers, and with a `User-Agent`, as Go's transport does; an empty one
 * is left out.
 */
function messageHeaders(headers: HeaderList): HeaderList {
  let isClean = true
  let hasUserAgent = false
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string
    if (name === 'User-Agent') {
      hasUserAgent = true
      isClean &&= headers[at + 1] !== ''
    } else if (CONNECTION_HEADERS.has(name)) isClean = false
  }
  if (isClean && hasUserAgent) return headers
  const kept = headers.filter((_, at) => {
    const name = headers[at - (at % 2)] as string
    if (name === 'User-Agent') return headers[at - (at % 2) + 1] !== ''
    return !CONNECTION_HEADERS.has(name)
  })
  return hasUserAgent ? kept : [...kept, 'User-Agent', GO_USER_AGENT]
}
const GO_USER_AGENT = 'Go-http-client/1.1'
