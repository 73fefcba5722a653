import type { IncomingMessage as Incoming } from 'node:http'
import type { Socket } from 'node:net'
import { IncomingMessage } from '../node-http.ts'

/** What Node's parser says of methods it does not know, and of targets with bytes beyond ASCII. */
const ODD = new Set(['HPE_INVALID_METHOD', 'HPE_INVALID_URL'])
/** A token (RFC 9110, 5.6.2), a target without white space and control characters, version 1.x. */
const REQUEST_LINE =
  /^([\w!#$%&'*+.^`|~-]+) ((?:\/|https?:\/\/)[^\x00-\x20\x7f]*|\*) HTTP\/1\.([01])$/i
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*$/

/** What the error of Node's parser carries. */
export type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

/**
 * The request that Node's parser refused though it is one: Go's serves it, with any method and any bytes in the target.
 * Only a whole head that is alone in what arrived is read, and no body: the connection must end after the answer, so
 * that nobody can disagree about where the next request begins.
 */
export function oddRequest(
  { code = '', rawPacket }: ParserError,
  socket: Socket,
): Incoming | undefined {
  if (!ODD.has(code) || rawPacket === undefined) return undefined
  const [head, ...rest] = rawPacket.toString('latin1').split('\r\n\r\n')
  if (head === undefined || rest.length === 0) return undefined
  const [line = '', ...lines] = head.split('\r\n')
  const [, method, target, minor] = REQUEST_LINE.exec(line) ?? []
  const headers = lines.map((text) => HEADER.exec(text))
  if (method === undefined || target === undefined || headers.includes(null)) return undefined
  const request = new IncomingMessage(socket)
  request.method = method
  request.url = target.replace(/[\x80-\xff]/g, escaped)
  request.httpVersionMajor = 1
  request.httpVersionMinor = Number(minor)
  request.rawHeaders = headers.flatMap((header) => [header?.[1] ?? '', header?.[2] ?? ''])
  request.complete = true
  const names = request.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  const isComplete = minor === '0' || names.includes('host')
  const hasBody = names.includes('content-length') || names.includes('transfer-encoding')
  return isComplete && !(hasBody && code === 'HPE_INVALID_URL') ? request : undefined
}

const escaped = (byte: string): string =>
  `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
