import { GatewayError } from '../errors.ts'
import { bodySize } from './body-size.ts'
import type { Deadline } from './deadline.ts'
import type { Decorator, Pipe, RequestBody } from './pipe.ts'

/** Keeps request bodies in memory, within limits. */
export type BodyHolder = {
  /**
   * The body as bytes, counted until the deadline is done. Rejects with `request-too-large` (413, connection
   * closed), `request-body`, or the deadline's reason.
   */
  hold(body: RequestBody, deadline: Deadline): Promise<Buffer | undefined>
}

export type HolderLimits = {
  /** `--max-request-bytes`. */
  readonly perRequest: number
  /** `--max-request-bytes-total`, for the process. */
  readonly total: number
}

/** Kilobytes held by each thread, in shared memory; `index` is this one's. */
export type HeldCounter = { readonly words: Int32Array; readonly index: number }

const KILOBYTE = 1024

/** Reads bodies whole where more than one reader needs them. */
export function bodyHolder(limits: HolderLimits, held: HeldCounter): BodyHolder {
  return {
    hold(body, deadline) {
      if (body === undefined || Buffer.isBuffer(body)) return Promise.resolve(body)
      // What is announced as too large is not read at all.
      if ((bodySize(body) ?? 0) > limits.perRequest) return Promise.reject(tooLarge(limits, false))
      return new Promise((resolve, reject) => {
        new Holding(body, deadline, limits, held, resolve, reject).start()
      })
    },
  }
}

/** One body being read. */
class Holding {
  readonly #body: NodeJS.ReadableStream
  readonly #deadline: Deadline
  readonly #limits: HolderLimits
  readonly #held: HeldCounter
  readonly #resolve: (bytes: Buffer | undefined) => void
  readonly #reject: (error: GatewayError) => void
  readonly #chunks: Buffer[] = []
  #size = 0
  #reservedKb = 0
  #isSettled = false

  constructor(
    body: NodeJS.ReadableStream,
    deadline: Deadline,
    limits: HolderLimits,
    held: HeldCounter,
    resolve: (bytes: Buffer | undefined) => void,
    reject: (error: GatewayError) => void,
  ) {
    this.#body = body
    this.#deadline = deadline
    this.#limits = limits
    this.#held = held
    this.#resolve = resolve
    this.#reject = reject
  }

  start(): void {
    const body = this.#body
    this.#deadline.whenDone(() => this.#release())
    this.#deadline.whenOver((reason) => this.#fail(reason))
    body.on('data', this.#take)
    body.on('end', () => this.#finish())
    body.on('error', (cause) => this.#fail(new GatewayError('request-body', { cause })))
    body.on('close', () => this.#fail(new GatewayError('canceled')))
  }

  readonly #take = (chunk: Buffer): void => {
    this.#size += chunk.length
    const { words, index } = this.#held
    const neededKb = Math.ceil(this.#size / KILOBYTE)
    const moreKb = neededKb - this.#reservedKb
    Atomics.add(words, index, moreKb)
    this.#reservedKb = neededKb
    const isFull = sumOf(words) * KILOBYTE > this.#limits.total
    if (isFull || this.#size > this.#limits.perRequest) this.#fail(tooLarge(this.#limits, isFull))
    else this.#chunks.push(chunk)
  }

  #finish(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#resolve(this.#size === 0 ? undefined : Buffer.concat(this.#chunks, this.#size))
  }

  #fail(error: GatewayError): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#body.removeListener('data', this.#take)
    this.#body.pause()
    this.#chunks.length = 0
    this.#release()
    this.#reject(error)
  }

  #release(): void {
    Atomics.sub(this.#held.words, this.#held.index, this.#reservedKb)
    this.#reservedKb = 0
  }
}

function sumOf(words: Int32Array): number {
  let sum = 0
  for (let at = 0; at < words.length; at++) sum += Atomics.load(words, at)
  return sum
}

const tooLarge = (limits: HolderLimits, isFull: boolean): GatewayError =>
  new GatewayError('request-too-large', {
    message: isFull
      ? 'too many request bodies are held at once'
      : `the request body is larger than ${limits.perRequest} bytes`,
    headers: ['Connection', 'close'],
  })

/** Before whatever reads a body more than once. */
export function holdBody(holder: BodyHolder): Decorator<Pipe> {
  return (next) =>
    function holdRequestBody(request, deadline) {
      if (request.body === undefined || Buffer.isBuffer(request.body))
        return next(request, deadline)
      return holder
        .hold(request.body, deadline)
        .then((body) => next({ ...request, body }, deadline))
    }
}
