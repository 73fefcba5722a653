import { headerValue, withoutHeader } from '../pipe/headers.ts'
import type { BodyStream, HeaderList, Reply } from '../pipe/pipe.ts'
import { sniffContentType } from '../pipe/sniff.ts'

/** Where a reply is written: Node's `ServerResponse`, or a stream of an HTTP/2 session in its shape. */
export type ReplyTarget = {
  readonly headersSent: boolean
  readonly destroyed: boolean
  writeHead(status: number, headers: string[]): unknown
  /** `left` is told when the chunk is with the system, or that it never will be. */
  write(chunk: Buffer, left?: (error?: Error | null) => void): boolean
  end(): unknown
  end(bytes: Buffer): unknown
  end(text: string, encoding: 'latin1' | 'utf8'): unknown
  cork(): void
  uncork(): void
  destroy(): unknown
  on(event: 'drain' | 'close', listener: () => void): unknown
}

/**
 * Told once, when the last byte was handed over or the reply was cut; `problem` is why another status than the
 * reply's was sent.
 */
export type Written = (bytes: number, status: number, problem?: unknown) => void

/**
 * Sends a reply with as few writes as it takes: one for text and bytes, one for a stream that has arrived whole.
 * A stream that breaks cuts the connection, so that no client takes half a body for a whole one. A status or header
 * that cannot be sent becomes a plain 500.
 */
export function writeReply(response: ReplyTarget, reply: Reply, written: Written): void {
  const { body } = reply
  if (typeof body === 'string') return writeText(response, reply, body, written)
  if (body === undefined) return writeBytes(response, reply, EMPTY, written)
  if (Buffer.isBuffer(body)) return writeBytes(response, reply, body, written)
  if ('start' in body) return new StreamWriter(response, reply, body, written).start()
  return writePieces(response, reply, body, written)
}

function writeText(response: ReplyTarget, reply: Reply, text: string, written: Written): void {
  const size = Buffer.byteLength(text)
  const problem = writeHead(response, reply.status, sized(reply, reply.headers, size))
  if (problem !== undefined) return refuse(response, problem, written)
  // As many bytes as characters: ASCII, which latin1 writes without encoding.
  response.end(text, size === text.length ? 'latin1' : 'utf8')
  written(size, reply.status)
}

function writeBytes(response: ReplyTarget, reply: Reply, bytes: Buffer, written: Written): void {
  const problem = writeHead(response, reply.status, sized(reply, reply.headers, bytes.length))
  if (problem !== undefined) return refuse(response, problem, written)
  endWith(response, bytes)
  written(bytes.length, reply.status)
}

/** Few bytes go out in one string with the head, each byte a character: 1 us less than two buffers. */
function endWith(response: ReplyTarget, bytes: Buffer): void {
  if (bytes.length === 0) response.end()
  else if (bytes.length <= SHORT_BYTES) response.end(bytes.toString('latin1'), 'latin1')
  else response.end(bytes)
}
const SHORT_BYTES = 2048

function writePieces(
  response: ReplyTarget,
  reply: Reply,
  pieces: readonly Buffer[],
  written: Written,
): void {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const problem = writeHead(response, reply.status, sized(reply, reply.headers, size))
  if (problem !== undefined) return refuse(response, problem, written)
  response.cork()
  for (const piece of pieces) response.write(piece)
  response.end()
  response.uncork()
  written(size, reply.status)
}

/** Writes the head; the value is why it could not be (a status or header that no client may see). */
function writeHead(response: ReplyTarget, status: number, headers: HeaderList): unknown {
  if (!(status >= 200 && status <= 999)) return new RangeError(`status ${status}`)
  try {
    const sent = hasNoLength(status) ? bodiless(status, headers) : headers
    response.writeHead(status, sent as string[])
    return undefined
  } catch (problem) {
    return problem
  }
}

function refuse(response: ReplyTarget, problem: unknown, written: Written): void {
  if (response.headersSent) response.destroy()
  else {
    response.writeHead(BROKEN, ['Content-Length', '0'])
    response.end()
  }
  written(0, BROKEN, problem)
}
const BROKEN = 500

const sized = (reply: Reply, headers: HeaderList, size: number): HeaderList =>
  hasNoLength(reply.status) ? headers : [...unsized(headers), 'Content-Length', `${size}`]

/** Where a reply ends is nobody else's to say: another length would make what follows part of it. */
const unsized = (headers: HeaderList): HeaderList =>
  headerValue(headers, 'content-length') === undefined
    ? headers
    : withoutHeader(headers, 'content-length')

/** No body can follow, so no length is told (RFC 9110, 8.6). */
const hasNoLength = (status: number): boolean => status === 204 || status === 304

/** Without what describes a body that does not follow, as Go's server: of a 304 not even its type. */
function bodiless(status: number, headers: HeaderList): HeaderList {
  const lengthless = withoutHeader(headers, 'content-length')
  return status === NOT_MODIFIED ? withoutHeader(lengthless, 'content-type') : lengthless
}
const NOT_MODIFIED = 304

/** A streamed reply: what arrived before it starts goes out with the head; back-pressure goes both ways. */
class StreamWriter {
  readonly #response: ReplyTarget
  readonly #reply: Reply
  readonly #body: BodyStream
  readonly #written: Written
  #early: Buffer[] | undefined = []
  /** The whole body came. */
  #isEnded = false
  /** It broke, or nobody wants the rest. */
  #isCut = false
  #isTold = false
  #bytes = 0

  constructor(response: ReplyTarget, reply: Reply, body: BodyStream, written: Written) {
    this.#response = response
    this.#reply = reply
    this.#body = body
    this.#written = written
  }

  start(): void {
    if (this.#response.destroyed) return this.#finish()
    this.#body.start(this)
    const early = this.#early ?? []
    this.#early = undefined
    if (this.#isCut) return this.#finish()
    if (this.#isEnded) return this.#writeWhole(early)
    this.#response.on('drain', () => this.#body.resume())
    this.#response.on('close', () => this.#finish())
    if (early.length > 0) this.#writeFirst(early)
  }

  data(chunk: Buffer): boolean {
    if (this.#isCut) return false
    this.#bytes += chunk.length
    if (this.#early !== undefined) {
      this.#early.push(chunk)
      return true
    }
    if (!this.#response.headersSent) return this.#writeFirst([chunk])
    return this.#write(chunk)
  }

  end(): void {
    if (this.#isCut) return
    this.#isEnded = true
    if (this.#early !== undefined) return
    if (this.#response.headersSent) this.#response.end()
    else this.#writeWhole([])
  }

  error(): void {
    this.#isCut = true
    this.#response.destroy()
  }

  #writeWhole(chunks: readonly Buffer[]): void {
    const body = chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks)
    const headers = withType(this.#reply.headers, body)
    const isSized = hasHeader(headers, 'Content-Length')
    if (!this.#head(isSized ? headers : sized(this.#reply, headers, this.#bytes))) return
    endWith(this.#response, body)
    this.#finish()
  }

  #writeFirst(chunks: readonly Buffer[]): boolean {
    if (!this.#head(withType(this.#reply.headers, chunks[0] ?? EMPTY))) return false
    let isWanted = true
    for (const chunk of chunks) isWanted = this.#write(chunk)
    return isWanted
  }

  #write(chunk: Buffer): boolean {
    if (this.#body.left === undefined) return this.#response.write(chunk)
    return this.#response.write(chunk, (error) => {
      if (error == null) this.#body.left?.(chunk)
    })
  }

  #head(headers: HeaderList): boolean {
    const problem = writeHead(this.#response, this.#reply.status, headers)
    if (problem === undefined) return true
    this.#isCut = true
    this.#isTold = true
    this.#body.destroy()
    refuse(this.#response, problem, this.#written)
    return false
  }

  #finish(): void {
    if (!this.#isEnded) this.#body.destroy()
    if (this.#isTold) return
    this.#isTold = true
    this.#written(this.#bytes, this.#reply.status)
  }
}

/** Go's server guesses the type of a body that names none. */
function withType(headers: HeaderList, first: Buffer): HeaderList {
  if (
    first.length === 0 ||
    hasHeader(headers, 'Content-Type') ||
    hasHeader(headers, 'Content-Encoding')
  )
    return headers
  return [...headers, 'Content-Type', sniffContentType(first)]
}

const hasHeader = (headers: HeaderList, name: string): boolean => {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) return true
  return false
}

const EMPTY = Buffer.alloc(0)
