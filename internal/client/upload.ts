import { Readable } from 'node:stream'
import { GatewayError } from '../errors.ts'
import { IncomingMessage } from '../node-http.ts'
import { giveBack, standsAlone } from '../pipe/chunk-memory.ts'
import type { Deadline } from '../pipe/deadline.ts'

/** Held between client and upstream, beside what the sockets hold. */
const AHEAD_BYTES = 64 << 10

/** Chunks that wait to be given back; an upstream that never makes undici pause leaves the older ones to the collector. */
const MOST_KEPT = 32

/** An announced body up to this size goes out with the headers. */
export const SMALL_BODY_BYTES = 64 << 10

/**
 * A request's body on its way upstream. Whatever becomes of the call, its source lives on: an upstream that
 * refuses must not take the client's connection, and with it the reply, away.
 */
export function upload(source: NodeJS.ReadableStream): Readable {
  let isStarted = false
  /** What was pushed and has perhaps not left, oldest first. */
  const kept: Buffer[] = []
  const keeps = () => source instanceof IncomingMessage && source.listenerCount('data') === 1
  const take = (chunk: Buffer): void => {
    if (standsAlone(chunk) && keeps()) kept.push(chunk)
    if (kept.length > MOST_KEPT) kept.shift()
    if (!stream.push(chunk)) source.pause()
  }
  const end = (): void => {
    // What closes after its end is complete; the upstream may still be reading the rest.
    source.off('close', broken)
    stream.push(null)
  }
  const broken = (): void => {
    stream.destroy(new Error('the client went away before its request was complete'))
  }
  const stream = new Readable({
    highWaterMark: AHEAD_BYTES,
    read() {
      if (isStarted) {
        source.resume()
        return
      }
      isStarted = true
      source.on('data', take).on('end', end).on('error', broken).on('close', broken)
    },
    destroy(error, done) {
      source.off('data', take).off('end', end).off('close', broken)
      source.pause()
      done(error)
    },
  })
  // undici pauses when its socket is full and resumes when all that was written is with the system.
  const { resume } = stream
  stream.resume = function resumeEmpty() {
    if (stream.isPaused()) giveBackBut(kept, stream.readableLength)
    return resume.call(stream)
  }
  return stream
}

/** Frees the chunks that left; the last `waitingBytes` of them are still in the stream. */
function giveBackBut(chunks: Buffer[], waitingBytes: number): void {
  let waiting = 0
  let count = chunks.length
  while (count > 0 && waiting < waitingBytes) waiting += (chunks[--count] as Buffer).length
  for (const chunk of chunks.splice(0, count)) giveBack(chunk)
}

/** The whole of a body that is small and announced: it goes out with the headers, in one write. */
export function readSmall(
  source: NodeJS.ReadableStream,
  sizeBytes: number,
  deadline: Deadline,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const take = (chunk: Buffer): void => {
      chunks.push(chunk)
    }
    const fail = (reason: GatewayError): void => {
      source.off('data', take)
      source.pause()
      deadline.forget(fail)
      reject(reason)
    }
    const broken = () => fail(new GatewayError('request-body'))
    deadline.whenOver(fail)
    source.on('data', take)
    source.on('error', broken)
    source.once('close', broken)
    source.once('end', () => {
      deadline.forget(fail)
      source.off('close', broken)
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, sizeBytes))
    })
  })
}
