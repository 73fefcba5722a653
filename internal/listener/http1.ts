import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ServerTimeouts } from '../config/types.ts'
import { ServerResponse } from '../node-http.ts'
import { bodySize } from '../pipe/body-size.ts'
import type { Deadline, DeadlineWheel } from '../pipe/deadline.ts'
import type { ClientRequest } from '../pipe/pipe.ts'
import type { Answer, Turn } from './answer.ts'
import { answerBadRequest } from './bad-request.ts'
import { type ClientAddress, toClientRequest } from './client-request.ts'
import { endWhenLate } from './late.ts'
import { oddRequest, type ParserError } from './odd-request.ts'

export type Http1Options = {
  readonly timeouts: ServerTimeouts
  readonly clientAddress: ClientAddress
  readonly wheel: DeadlineWheel
  readonly answer: Answer
}

/** Node's options for the limits that KrakenD has. What is idle is closed elsewhere, and no client is told when. */
export function http1Settings(timeouts: ServerTimeouts) {
  const { readMs, readHeaderMs } = timeouts
  const shortest = Math.min(...[readMs, readHeaderMs].filter((ms) => ms > 0), 4000)
  return {
    maxHeaderSize: timeouts.maxHeaderBytes + HEADER_SLACK_BYTES,
    requestTimeout: readMs,
    headersTimeout: readHeaderMs > 0 && readMs > 0 ? Math.min(readHeaderMs, readMs) : readHeaderMs,
    keepAliveTimeout: 0,
    connectionsCheckingInterval: Math.max(50, Math.floor(shortest / 4)),
    noDelay: true,
  }
}
/** gin and Go allow this much more than `max_header_bytes`. */
const HEADER_SLACK_BYTES = 4096
const TOO_LARGE = Object.assign(new Error('a head that is too large'), {
  code: 'HPE_HEADER_OVERFLOW',
})

/** Answers what an HTTP/1.1 server receives: the requests of one connection in turn, garbage with 400. */
export function answerHttp1(server: Server, options: Http1Options): void {
  const { clientAddress, timeouts } = options
  const maxBytes = timeouts.maxHeaderBytes + HEADER_SLACK_BYTES
  // Node drops headers beyond 2,000 without a word: the limit is their size.
  server.maxHeadersCount = 0
  const take = (incoming: IncomingMessage, response: ServerResponse): void => {
    const turn = new Http1Turn(incoming, response, options)
    const request = toClientRequest(incoming, clientAddress)
    if (request === undefined) turn.refuse()
    else turn.take(request)
  }
  server.on('request', take)
  // The client waits for leave to send its body: it gets that when somebody starts to read.
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
    const read = incoming._read
    incoming._read = function readFirst(size) {
      incoming._read = read
      if (!response.headersSent && !response.destroyed) response.writeContinue()
      read.call(incoming, size)
    }
    take(incoming, response)
  })
  server.on('clientError', (error: ParserError, socket: Connection) => {
    const last = lastTurn(socket)
    if (error.code?.startsWith('HPE_') && last?.isReceived()) return last.endConnection()
    const start = socket[ANSWERED] ?? 0
    const odd = last === undefined ? oddRequest(error, socket, { maxBytes, start }) : undefined
    if (odd === undefined) answerBadRequest(error, socket)
    else if (odd === 'too large') answerBadRequest(TOO_LARGE, socket)
    else if (odd !== 'more') takeLast(odd, options)
  })
  // Nothing here tunnels: it is a method like any other.
  server.on('connect', (incoming: IncomingMessage) => takeLast(incoming, options))
}

/** Answers what no body is read of, and ends the connection. */
function takeLast(incoming: IncomingMessage, options: Http1Options): void {
  const { socket } = incoming
  const response = new ServerResponse(incoming)
  response.assignSocket(socket)
  const turn = new Http1Turn(incoming, response, options)
  turn.endConnection()
  linger(socket)
  // What follows is not looked at.
  socket.pause()
  const request = toClientRequest(incoming, options.clientAddress)
  if (request === undefined) turn.refuse()
  else turn.take({ ...request, body: undefined })
}

const CURRENT = Symbol('the request that a connection is busy with')
const ANSWERED = Symbol('the bytes that a connection had sent when its last request was answered')
/** `null`: busy before, idle now. */
type Connection = Socket & { [CURRENT]?: Http1Turn | null; [ANSWERED]?: number }

/** Whether a request of this connection is being answered, or its reply is on its way. */
export const isBusy = (socket: Socket): boolean => {
  const current = (socket as Connection)[CURRENT]
  return current != null || (current === null && socket.writableLength > 0)
}
/** Whether a connection has its whole reply, and nothing of its next request has come. */
export const isIdle = (socket: Socket): boolean =>
  (socket as Connection)[CURRENT] === null &&
  socket.writableLength === 0 &&
  socket.bytesRead === (socket as Connection)[ANSWERED]

/** The latest of the requests that a connection is busy with, or that wait for their turn. */
function lastTurn(socket: Connection): Http1Turn | undefined {
  let last = socket[CURRENT] ?? undefined
  while (last?.next !== undefined) last = last.next
  return last
}

function cancelCurrent(this: Connection): void {
  this[CURRENT]?.deadline.cancel()
}

/** Requests that a client may have sent ahead before its connection is not read any further. */
const MOST_WAITING = 16

/** One request of a connection. Those that a client sends ahead wait: the one before may change what they mean. */
class Http1Turn implements Turn {
  readonly response: ServerResponse
  readonly #incoming: IncomingMessage
  readonly #socket: Connection
  readonly #options: Http1Options
  #deadline: Deadline | undefined
  #late: Deadline | undefined
  #request: ClientRequest | undefined
  #next: Http1Turn | undefined
  #isLast = false

  constructor(incoming: IncomingMessage, response: ServerResponse, options: Http1Options) {
    this.#incoming = incoming
    this.response = response
    this.#socket = incoming.socket
    this.#options = options
  }

  get deadline(): Deadline {
    this.#deadline ??= this.#options.wheel.start(performance.now())
    return this.#deadline
  }

  take(request: ClientRequest): void {
    this.#request = request
    const first = this.#socket[CURRENT]
    if (first == null) return this.#start(request)
    let waiting = 1
    let last = first
    for (; last.#next !== undefined; last = last.#next) waiting++
    last.#next = this
    if (waiting >= MOST_WAITING) this.#socket.pause()
  }

  #start(request: ClientRequest): void {
    const { wheel, timeouts, answer } = this.#options
    const socket = this.#socket
    if (socket[CURRENT] === undefined) socket.on('close', cancelCurrent)
    socket[CURRENT] = this
    if (timeouts.writeMs > 0)
      this.#late = endWhenLate(wheel, this.deadline.startMs, timeouts.writeMs, () =>
        socket.destroy(),
      )
    answer(request, this)
  }

  get next(): Http1Turn | undefined {
    return this.#next
  }

  /** Whether the whole request is there: what follows on the connection is none of it. */
  isReceived(): boolean {
    return this.#incoming.complete
  }

  /** What came after this request is no HTTP: it is answered all the same, as Go does, then the connection ends. */
  endConnection(): void {
    if (this.#isLast) return
    this.#isLast = true
    this.response.shouldKeepAlive = false
    this.response.once('finish', () => this.#socket.destroySoon())
  }

  /** A message that no request can be made of. */
  refuse(): void {
    this.response.shouldKeepAlive = false
    const body = '400 Bad Request'
    this.response.writeHead(400, [
      ...['Content-Type', 'text/plain; charset=utf-8'],
      ...['Content-Length', String(body.length)],
    ])
    this.response.end(body)
  }

  beforeReply(request: ClientRequest): void {
    if (request.body !== undefined && !this.#incoming.complete) this.#refuseRest(request.body)
    // HTTP/1.1 keeps connections unless told otherwise: Go's server says nothing then.
    if (this.response.shouldKeepAlive && this.#incoming.httpVersionMinor === 1)
      this.response.removeHeader('Connection')
  }

  /** A reply that does not wait for the whole request: a long rest is not read, the connection ends instead. */
  #refuseRest(body: NonNullable<ClientRequest['body']>): void {
    const size = bodySize(body) ?? Number.POSITIVE_INFINITY
    if (size <= DRAIN_BYTES) return
    this.response.shouldKeepAlive = false
    linger(this.#socket)
  }

  afterReply(): void {
    const late = this.#late
    if (late !== undefined) this.response.once('finish', () => late.finish())
    const socket = this.#socket
    const next = this.#next
    socket[CURRENT] = next ?? null
    socket[ANSWERED] = socket.bytesRead
    if (!this.#incoming.complete) this.#awaitRest()
    if (next === undefined || socket.destroyed) return
    if (socket.isPaused()) socket.resume()
    if (next.#request !== undefined) next.#start(next.#request)
  }

  /** The rest of a body that nobody read is part of this request. */
  #awaitRest(): void {
    const socket = this.#socket
    this.#incoming.once('close', () => {
      socket[ANSWERED] = socket.bytesRead
    })
  }
}

/** An unread request body up to this size is read away so that its connection can serve again (Go's figure). */
const DRAIN_BYTES = 256 << 10
/** Go's `rstAvoidanceDelay`: a close with bytes unread resets the connection, and the reply may go with it. */
const LINGER_MS = 500

/** Lets the client read the reply before the connection, on which it may still be sending, is closed. */
function linger(socket: Socket): void {
  socket.destroySoon = function endFirst() {
    socket.end()
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
    socket.once('close', () => clearTimeout(timer))
  }
}
