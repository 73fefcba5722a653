import type { UpstreamReply } from '../../../client/client.ts'
import type { BodySink, BodyStream, HeaderList } from '../../../pipe/pipe.ts'

/** Told once, when a body that somebody began to read has ended, was given up, or broke. */
export type BodyRead = (startMs: number, bytes: number, error: Error | undefined) => void

/** An upstream's answer whose reading is measured: reply, body and sink in one object. */
export class ObservedReply implements UpstreamReply, BodyStream, BodySink {
  readonly status: number
  readonly #reply: UpstreamReply
  readonly #read: BodyRead
  #sink: BodySink | undefined
  #startMs = 0
  #bytes = 0
  #isTold = false

  constructor(reply: UpstreamReply, read: BodyRead) {
    this.status = reply.status
    this.#reply = reply
    this.#read = read
  }

  get body(): BodyStream {
    return this
  }
  header(lowerName: string): string | undefined {
    return this.#reply.header(lowerName)
  }
  headerList(): HeaderList {
    return this.#reply.headerList()
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#startMs = performance.now()
    this.#reply.body.start(this)
  }
  resume(): void {
    this.#reply.body.resume()
  }
  left(chunk: Buffer): void {
    this.#reply.body.left?.(chunk)
  }
  destroy(reason?: Error): void {
    this.#tell(reason)
    this.#reply.body.destroy(reason)
  }

  data(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    return this.#sink?.data(chunk) ?? false
  }
  end(): void {
    this.#tell(undefined)
    this.#sink?.end()
  }
  error(error: Error): void {
    this.#tell(error)
    this.#sink?.error(error)
  }

  #tell(error: Error | undefined): void {
    if (this.#isTold || this.#sink === undefined) return
    this.#isTold = true
    this.#read(this.#startMs, this.#bytes, error)
  }
}
