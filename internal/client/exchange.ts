import type { Dispatcher } from 'undici'
import type { GatewayError } from '../errors.ts'
import { giveBack, isOwned } from '../pipe/chunk-memory.ts'
import type { Deadline } from '../pipe/deadline.ts'
import { canonicalHeader } from '../pipe/headers.ts'
import type { BodySink, BodyStream, HeaderList } from '../pipe/pipe.ts'
import { toBodyError, toCallError } from './call-error.ts'
import type { Call, UpstreamReply } from './client.ts'
import type { DialTimes } from './dial-times.ts'

/**
 * One call under way: undici's handler and the reply it becomes, in one object of fixed shape. Chunks that
 * come before anyone asks are kept; a small answer has usually arrived whole by then.
 */
export class Exchange implements Dispatcher.DispatchHandler, UpstreamReply, BodyStream {
  status = 0
  readonly #call: Call
  readonly #deadline: Deadline
  readonly #resolve: (reply: UpstreamReply) => void
  readonly #reject: (error: unknown) => void
  readonly #onOver: (reason: GatewayError) => void
  #controller: Dispatcher.DispatchController | undefined
  #headers: Record<string, string | string[] | undefined> = NO_HEADERS
  #sink: BodySink | undefined
  #waiting: Buffer[] | undefined
  #isEnded = false
  #failure: Error | undefined
  #headerWait: Deadline | undefined
  #onFailed: (() => void) | undefined
  #onAnswered: (() => void) | undefined
  #lastLeft: Buffer | undefined

  constructor(
    call: Call,
    deadline: Deadline,
    resolve: (reply: UpstreamReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#call = call
    this.#deadline = deadline
    this.#resolve = resolve
    this.#reject = reject
    this.#onOver = (reason) => this.#fail(reason)
    deadline.whenOver(this.#onOver)
  }

  get body(): BodyStream {
    return this
  }

  header(lowerName: string): string | undefined {
    const value = this.#headers[lowerName]
    return typeof value === 'object' ? value[0] : value
  }

  headerList(): HeaderList {
    const list: string[] = []
    for (const name of Object.keys(this.#headers)) {
      const value = this.#headers[name]
      if (typeof value === 'string') list.push(canonicalHeader(name), value)
      else if (value !== undefined) for (const one of value) list.push(canonicalHeader(name), one)
    }
    return list
  }

  /** Fails unless the headers come in time (`response_header_timeout`). */
  expectHeadersWithin(timeoutMs: number): this {
    this.#headerWait = this.#deadline.within(timeoutMs)
    this.#headerWait.whenOver(() => this.#fail(NO_HEADERS_IN_TIME))
    return this
  }

  /** A connection is being opened for this call. */
  dials(times: DialTimes): void {
    this.#call.onDial?.(times)
  }

  /** Told when the call fails, after its connection was given up. */
  whenFailed(onFailed: () => void): void {
    this.#onFailed = onFailed
  }

  /** Told when the whole answer is there, before its reader is. */
  whenAnswered(onAnswered: () => void): void {
    this.#onAnswered = onAnswered
  }

  // --- what undici tells ---

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#call.onConnected?.()
    if (this.#failure !== undefined) controller.abort(this.#failure)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return
    this.#headerWait?.finish()
    this.status = status
    this.#headers = isPragmaAlone(headers) ? { ...headers, 'cache-control': 'no-cache' } : headers
    this.#resolve(this)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#sink === undefined) {
      this.#waiting ??= []
      this.#waiting.push(chunk)
      // Nobody reads yet: at most what this read brought is held.
      if (this.#waiting.length > HELD_CHUNKS) controller.pause()
    } else if (!this.#sink.data(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    this.#deadline.forget(this.#onOver)
    this.#isEnded = true
    this.#onAnswered?.()
    this.#sink?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error)
  }

  // --- what the reader asks ---

  start(sink: BodySink): void {
    this.#sink = sink
    const waiting = this.#waiting
    this.#waiting = undefined
    let isWanted = true
    if (waiting !== undefined) for (const chunk of waiting) isWanted = sink.data(chunk)
    if (this.#failure !== undefined) sink.error(this.#failure)
    else if (this.#isEnded) sink.end()
    else if (isWanted) this.#controller?.resume()
    else this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  /** One read may hold several chunks: it is free once a chunk of the next one left. */
  left(chunk: Buffer): void {
    const last = this.#lastLeft
    this.#lastLeft = chunk
    if (last !== undefined && last.buffer !== chunk.buffer && isOwned(last)) giveBack(last)
  }

  destroy(reason?: Error): void {
    if (this.#isEnded) return
    this.#sink = undefined
    this.#fail(reason ?? ABANDONED)
  }

  #fail(thrown: Error): void {
    if (this.#failure !== undefined || this.#isEnded) return
    this.#deadline.forget(this.#onOver)
    this.#headerWait?.finish()
    const error =
      this.status === 0 ? toCallError(thrown, this.#call) : toBodyError(thrown, this.#call)
    this.#failure = error
    if (this.#controller !== undefined && !this.#controller.aborted) this.#controller.abort(error)
    this.#onFailed?.()
    if (this.status === 0) this.#reject(error)
    else this.#sink?.error(error)
  }
}

/** Chunks held before the reader starts; a read of the socket brings one to three. */
const HELD_CHUNKS = 4
const NO_HEADERS = Object.freeze({})
const NO_HEADERS_IN_TIME = Object.assign(new Error(), {
  code: 'UND_ERR_HEADERS_TIMEOUT',
  stack: '',
})
const ABANDONED = Object.assign(new Error('the reader gave the answer up'), { stack: '' })

/** HTTP/1.0's way to forbid keeping an answer: Go's client says it in today's words too. */
const isPragmaAlone = (headers: Record<string, string | string[] | undefined>): boolean =>
  headers['pragma'] !== undefined &&
  headers['cache-control'] === undefined &&
  [headers['pragma']].flat()[0] === 'no-cache'
