import type { IncomingMessage } from 'node:http'

const HEADERS = 1
const CONTINUATION = 9
const END_STREAM = 0x1
const END_HEADERS = 0x4
const FRAME_BYTES = 16_384
const FIRST_STREAM = 1
/** Headers that speak of the HTTP/1.1 connection and have no place in HTTP/2. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** An HTTP/1.1 request without a body as the HTTP/2 frames that open stream 1 (RFC 9113, 6.2; RFC 7541). */
export function requestHeadersFrame({ method, url, rawHeaders, headers }: IncomingMessage): Buffer {
  const fields: Buffer[] = [
    field(':method', method ?? 'GET'),
    field(':scheme', 'http'),
    field(':authority', headers.host ?? ''),
    field(':path', url ?? '/'),
  ]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase()
    if (!CONNECTION_HEADERS.has(name)) fields.push(field(name, rawHeaders[at + 1] as string))
  }
  return frames(Buffer.concat(fields))
}

function frames(block: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at === 0 || at < block.length; at += FRAME_BYTES) {
    const isLast = at + FRAME_BYTES >= block.length
    const flags = (at === 0 ? END_STREAM : 0) | (isLast ? END_HEADERS : 0)
    const payload = block.subarray(at, at + FRAME_BYTES)
    parts.push(frameHead(payload.length, at === 0 ? HEADERS : CONTINUATION, flags), payload)
  }
  return Buffer.concat(parts)
}

function frameHead(length: number, type: number, flags: number): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(FIRST_STREAM, 5)
  return head
}

/** A literal that enters no table, so that the client's own encoding stays in step. */
const field = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.of(0), text(name), text(value)])

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([prefixedInteger(bytes.length), bytes])
}

/** An integer with a prefix of seven bits (RFC 7541, 5.1). */
function prefixedInteger(value: number): Buffer {
  const prefix = 127
  if (value < prefix) return Buffer.of(value)
  const bytes = [prefix]
  let rest = value - prefix
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.of(...bytes, rest)
}
