import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { ReplyTarget } from './write-reply.ts'

/** Headers of an HTTP/1.1 connection: HTTP/2 forbids them (RFC 9113, 8.2.2). */
const CONNECTION_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** A stream of an HTTP/2 session as the place where a reply is written. */
export function http2Reply(stream: ServerHttp2Stream, isHead: boolean): ReplyTarget {
  let isBodiless = false
  const isGone = () => stream.destroyed || stream.closed
  return {
    get headersSent() {
      return stream.headersSent
    },
    get destroyed() {
      return isGone()
    },
    writeHead(status, headers) {
      if (isGone()) return
      isBodiless = isHead || status === 204 || status === 304
      stream.respond(toHeaders(status, headers), { endStream: isBodiless })
    },
    write(chunk, left) {
      if (isBodiless) return true
      return isGone() ? false : stream.write(chunk, left)
    },
    end(body?: string | Buffer, encoding: 'latin1' | 'utf8' = 'utf8') {
      if (isBodiless || isGone()) return
      if (body === undefined) stream.end()
      else stream.end(body, encoding)
    },
    cork: () => stream.cork(),
    uncork: () => stream.uncork(),
    destroy: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    on: (event, listener) => stream.on(event, listener),
  }
}

function toHeaders(status: number, list: readonly string[]): OutgoingHttpHeaders {
  const headers = new Map<string, string | string[]>([[':status', String(status)]])
  for (let at = 0; at < list.length; at += 2) {
    const name = (list[at] as string).toLowerCase()
    if (CONNECTION_HEADERS.has(name)) continue
    const value = list[at + 1] as string
    const known = headers.get(name)
    if (known === undefined) headers.set(name, value)
    else if (Array.isArray(known)) known.push(value)
    else headers.set(name, [known, value])
  }
  return Object.fromEntries(headers)
}
