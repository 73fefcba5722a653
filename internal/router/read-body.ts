import { GatewayError } from '../errors.ts'
import type { Deadline } from '../pipe/deadline.ts'
import type { RequestBody } from '../pipe/pipe.ts'

/**
 * The whole of a client's body. Rejects when it is larger than `maxBytes` (the rest stays unread, so that the
 * refusal still reaches the client), breaks off, or does not come in time.
 */
export function readBody(body: RequestBody, maxBytes: number, deadline: Deadline): Promise<Buffer> {
  if (body === undefined) return Promise.resolve(EMPTY)
  if (Buffer.isBuffer(body))
    return body.length > maxBytes ? Promise.reject(tooLarge()) : Promise.resolve(body)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const stop = (error: unknown): void => {
      body.off('data', take)
      body.pause()
      deadline.forget(stop)
      reject(error)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size > maxBytes) stop(tooLarge())
      else chunks.push(chunk)
    }
    const broken = (cause?: unknown): void => stop(new GatewayError('request-body', { cause }))
    body.on('data', take)
    body.once('end', () => {
      deadline.forget(stop)
      resolve(Buffer.concat(chunks, size))
    })
    body.once('error', broken)
    body.once('close', broken)
    deadline.whenOver(stop)
  })
}

const EMPTY = Buffer.alloc(0)
const tooLarge = (): GatewayError => new GatewayError('request-too-large')
