import { createGunzip } from 'node:zlib'
import { GatewayError } from '../errors.ts'
import type { BodyStream } from './pipe.ts'

/** The whole of a body. More than `maxBytes` gives it up and fails. */
export function collect(body: BodyStream, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let chunks: Buffer[] | undefined
    let size = 0
    body.start({
      data(chunk) {
        size += chunk.length
        if (size > maxBytes) {
          body.destroy()
          reject(tooLarge(maxBytes))
          return false
        }
        if (first === undefined) first = chunk
        else if (chunks === undefined) chunks = [first, chunk]
        else chunks.push(chunk)
        return true
      },
      end: () => resolve(chunks === undefined ? (first ?? EMPTY) : Buffer.concat(chunks, size)),
      error: reject,
    })
  })
}

/** The whole of a gzip body, unpacked; `maxBytes` counts what comes out. */
export function collectGunzipped(body: BodyStream, maxBytes: number): Promise<Buffer> {
  return collect(gunzipped(body), maxBytes)
}

/** A gzip body, unpacked on the way. */
export function gunzipped(body: BodyStream): BodyStream {
  const gunzip = createGunzip()
  let size = 0
  return {
    start(sink) {
      gunzip.on('data', (chunk: Buffer) => {
        if (!sink.data(chunk)) gunzip.pause()
      })
      gunzip.on('end', () => sink.end())
      gunzip.on('error', (error) => {
        body.destroy(error)
        sink.error(new GatewayError('decode', { message: gzipWords(error, size), cause: error }))
      })
      gunzip.on('drain', () => body.resume())
      body.start({
        data(chunk) {
          size += chunk.length
          return gunzip.write(chunk)
        },
        // No byte at all is an empty body, as in Go: answers without one may name an encoding too.
        end: () => (size === 0 ? sink.end() : gunzip.end()),
        error(error) {
          gunzip.destroy()
          sink.error(error)
        },
      })
    },
    resume: () => gunzip.resume(),
    destroy(reason) {
      gunzip.destroy()
      body.destroy(reason)
    },
  }
}

const gzipWords = (error: NodeJS.ErrnoException, size: number): string =>
  error.code === 'Z_BUF_ERROR' || size < GZIP_HEADER_BYTES
    ? 'unexpected EOF'
    : 'gzip: invalid header'
/** RFC 1952, 2.3: nothing shorter can be one. */
const GZIP_HEADER_BYTES = 10

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('body-too-large', {
    message: `the upstream answer is larger than ${maxBytes} bytes`,
  })

const EMPTY = Buffer.alloc(0)

/** A body made of bytes that are there already (an error page of a component, a cached answer). */
export function bodyOf(bytes: Buffer): BodyStream {
  return {
    start(sink) {
      if (bytes.length > 0) sink.data(bytes)
      sink.end()
    },
    resume() {},
    destroy() {},
  }
}
