import { Readable } from 'node:stream'
import { GatewayError } from '../errors.ts'
import type { Deadline } from '../pipe/deadline.ts'

/** Held between client and upstream, beside what the sockets hold. */
const AHEAD_BYTES = 64 << 10

/** An announced body up to this size goes out with the headers. */
export const SMALL_BODY_BYTES = 64 << 10

/**
 * A request's body on its way upstream. Whatever becomes of the call, its source lives on: an upstream that
 * refuses must not take the client's connection, and with it the reply, away.
 */
export function upload(source: NodeJS.ReadableStream): Readable {
  let isStarted = false
  const take = (chunk: Buffer): void => {
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
  return stream
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
