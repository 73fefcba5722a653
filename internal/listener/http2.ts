import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { ServerTimeouts } from '../config/types.ts'
import { announceSize } from '../pipe/body-size.ts'
import type { Deadline, DeadlineWheel } from '../pipe/deadline.ts'
import type { ClientRequest } from '../pipe/pipe.ts'
import type { Answer, Turn } from './answer.ts'
import { type ClientAddress, NO_PARAMS } from './client-request.ts'
import { http2Reply } from './http2-reply.ts'
import { endWhenLate } from './late.ts'
import { tlsSession } from './tls-session.ts'
import type { ReplyTarget } from './write-reply.ts'

export type Http2Options = {
  readonly timeouts: ServerTimeouts
  readonly clientAddress: ClientAddress
  readonly wheel: DeadlineWheel
  readonly answer: Answer
}

/** HTTP/2 beside HTTP/1.1: it takes connections that turned out to speak it, and listens nowhere itself. */
export type Http2Side = {
  /** A connection whose next bytes are the client's preface. */
  accept(socket: NodeJS.WritableStream): void
  /** Tells every client to open no further streams; connections end with their last stream. */
  drain(): void
  /** Whether a session of this connection is at work; it ends by itself once it was told goodbye. */
  isBusy(socket: NodeJS.WritableStream): boolean
}

/** Go's server offers as many. */
const MOST_STREAMS = 250
/** What a client may send ahead of the reader, for each stream. */
const WINDOW_BYTES = 256 << 10
/** Header lines of one request: their size is the limit that counts. */
const MOST_HEADER_LINES = 100_000
/** Memory of one session before it takes no further streams. */
const SESSION_MB = 32

/** Answers requests that come by HTTP/2. Node's nghttp2 bounds resets, pings and settings by itself. */
export function http2Side(options: Http2Options): Http2Side {
  const server = http2Server(options.timeouts)
  const sessions = new Set<ServerHttp2Session>()
  const sockets = new WeakSet<NodeJS.WritableStream>()
  let isDraining = false
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    if (options.timeouts.idleMs > 0) endWhenIdle(session, options.timeouts.idleMs)
    if (isDraining) session.close()
  })
  // The session is gone with its connection; nothing is left to tell its client.
  server.on('sessionError', () => {})
  server.on('stream', (stream, headers, _flags, rawHeaders) =>
    takeStream(stream, headers, rawHeaders, options),
  )
  return {
    accept(socket) {
      sockets.add(socket)
      server.emit('connection', socket)
    },
    isBusy: (socket) => sockets.has(socket),
    drain() {
      isDraining = true
      for (const session of sessions) session.close()
    },
  }
}

function http2Server({ maxHeaderBytes }: ServerTimeouts): Http2Server {
  return createServer({
    settings: {
      enablePush: false,
      maxConcurrentStreams: MOST_STREAMS,
      initialWindowSize: WINDOW_BYTES,
      maxHeaderListSize: maxHeaderBytes,
    },
    maxHeaderListPairs: MOST_HEADER_LINES,
    maxSessionMemory: SESSION_MB,
    strictSingleValueFields: false,
  })
}

function endWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  session.setTimeout(idleMs, () => session.close())
}

function takeStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  options: Http2Options,
): void {
  // A stream that breaks is answered by `close`; without a listener its error would end the process.
  stream.on('error', () => {})
  const request = toClientRequest(stream, headers, rawHeaders, options.clientAddress)
  if (request === undefined) {
    stream.respond({ ':status': 400 }, { endStream: true })
    return
  }
  options.answer(request, new Http2Turn(stream, request.method === 'HEAD', options))
}

function toClientRequest(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  clientAddressOf: ClientAddress,
): ClientRequest | undefined {
  const target = headers[':path']
  if (target === undefined || !(target.startsWith('/') || target === '*')) return undefined
  const list = messageHeaders(rawHeaders)
  const { session } = stream
  const peerAddress = session?.socket.remoteAddress ?? ''
  const mark = target.indexOf('?')
  const size = headers['content-length']
  const hasBody = !stream.endAfterHeaders
  if (hasBody && size !== undefined) announceSize(stream, Number(size))
  return {
    method: headers[':method'] ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery: mark < 0 ? '' : target.slice(mark + 1),
    headers: list,
    host: headers[':authority'] ?? headers.host ?? '',
    peerAddress,
    clientAddress: clientAddressOf(peerAddress, list),
    isEncrypted: session?.encrypted === true,
    tls: session?.encrypted === true ? tlsSession(session.socket as TLSSocket) : undefined,
    params: NO_PARAMS,
    body: hasBody ? stream : undefined,
  }
}

/** Without the pseudo-headers; a `Cookie` that was sent in crumbs is one again (RFC 9113, 8.2.3). */
function messageHeaders(rawHeaders: readonly string[]): string[] {
  const list: string[] = []
  let cookie = -1
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    const value = rawHeaders[at + 1] as string
    if (name.charCodeAt(0) === COLON) continue
    if (name === 'cookie' && cookie >= 0) {
      list[cookie] = `${list[cookie]}; ${value}`
      continue
    }
    list.push(name, value)
    if (name === 'cookie') cookie = list.length - 1
  }
  return list
}
const COLON = 0x3a

/** One stream of a session. */
class Http2Turn implements Turn {
  readonly deadline: Deadline
  readonly response: ReplyTarget
  readonly #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream, isHead: boolean, { wheel, timeouts }: Http2Options) {
    this.#stream = stream
    this.deadline = wheel.start(performance.now())
    this.response = http2Reply(stream, isHead)
    const cut = () => stream.close(constants.NGHTTP2_CANCEL)
    const { startMs } = this.deadline
    const limits: Deadline[] = []
    if (timeouts.writeMs > 0) limits.push(endWhenLate(wheel, startMs, timeouts.writeMs, cut))
    if (timeouts.readMs > 0 && !stream.endAfterHeaders) {
      const late = endWhenLate(wheel, startMs, timeouts.readMs, cut)
      stream.once('end', () => late.finish())
      limits.push(late)
    }
    stream.on('close', () => {
      this.deadline.cancel()
      for (const limit of limits) limit.finish()
    })
  }

  beforeReply(): void {}

  /** The rest of a request that nobody reads is not wanted (RFC 9113, 8.1). */
  afterReply(): void {
    const stream = this.#stream
    if (stream.endAfterHeaders || stream.readableEnded || stream.destroyed) return
    const stop = () => stream.close(constants.NGHTTP2_NO_ERROR)
    if (stream.writableFinished) stop()
    else stream.once('finish', stop)
  }
}
