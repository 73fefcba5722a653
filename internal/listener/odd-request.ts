import type { IncomingMessage as Incoming } from 'node:http'
import type { Socket } from 'node:net'
import { IncomingMessage } from '../node-http.ts'

/** What Node's parser says of methods it does not know, and of targets with bytes beyond ASCII. */
const ODD = new Set(['HPE_INVALID_METHOD', 'HPE_INVALID_URL'])
/** A token (RFC 9110, 5.6.2), a target without white space and control characters, version 1.x. */
const REQUEST_LINE =
  /^([\w!#$%&'*+.^`|~-]+) ((?:\/|https?:\/\/)[^\x00-\x20\x7f]*|\*) HTTP\/1\.([01])$/i
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*$/

/** What of a request line can have come when the rest has not. */
const BEGINNING =
  /^[\w!#$%&'*+.^`|~-]+(?: (?:(?:\/|h[tps:/]*)[^\x00-\x20\x7f]*|\*)?(?: [HTP/1.0]*\r?)?)?$/i
/** The head is looked at anew with each packet: those of one byte each must cost little. */
const MOST_PACKETS = 100
const END_OF_HEAD = '\r\n\r\n'

/** What the error of Node's parser carries. */
export type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer }

const PACKETS = Symbol('the packets of a head that Node refused in the first of them')
type Refused = Socket & { [PACKETS]?: Buffer[] }

export type OddOptions = {
  readonly maxBytes: number
  /** How many bytes had come on the connection before this request. */
  readonly start: number
}

/**
 * The request that Node's parser refused though it is one: Go's serves it, with any method and any bytes in the target.
 * Only a whole head is read, and no body: the connection must end after the answer, so that nobody can disagree about
 * where the next request begins. `'more'` while the rest of the head has not come: Node goes on to tell of each packet,
 * and ends the connection when the time for heads is over.
 */
export function oddRequest(
  { code = '', rawPacket }: ParserError,
  socket: Refused,
  { maxBytes, start }: OddOptions,
): Incoming | 'more' | 'too large' | undefined {
  if (!ODD.has(code) || rawPacket === undefined) return undefined
  const packets = [...(socket[PACKETS] ?? []), rawPacket]
  const text = Buffer.concat(packets).toString('latin1')
  // What came before was eaten by the parser.
  if (text.length !== socket.bytesRead - start) return undefined
  const end = text.indexOf(END_OF_HEAD)
  if (end >= 0) return requestOf(text.slice(0, end), code, socket)
  if (!isBeginning(text)) return undefined
  if (text.length > maxBytes || packets.length > MOST_PACKETS) return 'too large'
  socket[PACKETS] = packets
  return 'more'
}

function isBeginning(text: string): boolean {
  const end = text.indexOf('\r\n')
  return end < 0 ? BEGINNING.test(text) : REQUEST_LINE.test(text.slice(0, end))
}

function requestOf(head: string, code: string, socket: Socket): Incoming | undefined {
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
