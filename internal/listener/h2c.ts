import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { requestHeadersFrame } from './h2c-frames.ts'

/** What every HTTP/2 client sends first (RFC 9113, 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
const FRAME_HEAD_BYTES = 9
/** A client's first SETTINGS are a few dozen bytes. */
const MOST_SETTINGS_BYTES = 16_384
const UPGRADE_LIMIT_MS = 10_000

export type H2cOptions = {
  readonly accept: (socket: Socket) => void
  /** How long a connection may stay silent before it says what it speaks. */
  readonly readHeaderMs: number
  readonly silent: Set<Socket>
}

/** HTTP/2 without TLS on an HTTP/1.1 server's port: known by the client's preface, or asked for by `Upgrade: h2c`. */
export function acceptH2c(server: Server, options: H2cOptions): void {
  const listeners = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) =>
    whenItSpeaks(socket, options, (isHttp2) => {
      if (isHttp2) options.accept(socket)
      else for (const listener of listeners) listener.call(server, socket)
    }),
  )
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
    upgrade(request, socket, head, options),
  )
}

/** For `shouldUpgradeCallback`. A request with a body is answered as it came (RFC 7540, 3.2 leaves that open). */
export function wantsH2c({ headers }: IncomingMessage): boolean {
  return (
    headers.upgrade?.toLowerCase() === 'h2c' &&
    typeof headers['http2-settings'] === 'string' &&
    headers['transfer-encoding'] === undefined &&
    (headers['content-length'] ?? '0') === '0' &&
    listed(headers.connection, 'upgrade') &&
    listed(headers.connection, 'http2-settings')
  )
}

const listed = (header: string | undefined, token: string): boolean =>
  (header ?? '').split(',').some((one) => one.trim().toLowerCase() === token)

function whenItSpeaks(
  socket: Socket,
  { readHeaderMs, silent }: H2cOptions,
  decide: (isHttp2: boolean) => void,
): void {
  let start: Buffer = Buffer.alloc(0)
  const give = () => socket.destroy()
  const look = (): void => {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) return
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk])
    const isLike = PREFACE.subarray(0, start.length).equals(start.subarray(0, PREFACE.length))
    if (isLike && start.length < PREFACE.length) return
    socket.off('readable', look)
    socket.off('error', give)
    socket.off('timeout', give)
    socket.off('end', give)
    socket.setTimeout(0)
    silent.delete(socket)
    socket.unshift(start)
    decide(isLike)
  }
  silent.add(socket)
  socket.once('close', () => silent.delete(socket))
  socket.on('error', give)
  socket.on('timeout', give)
  socket.on('end', give)
  socket.setTimeout(readHeaderMs)
  socket.on('readable', look)
}

/**
 * Answers 101 and hands the connection over. The upgraded request becomes stream 1: its headers are put between
 * the client's first frame and what follows, as if they had come by HTTP/2.
 */
function upgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  { accept }: H2cOptions,
): void {
  let start = head
  const give = () => socket.destroy()
  const take = (chunk: Buffer): void => {
    start = Buffer.concat([start, chunk])
    const size = openingSize(start)
    if (size === undefined) return
    socket.off('data', take)
    socket.off('error', give)
    socket.off('timeout', give)
    socket.setTimeout(0)
    if (size < 0) {
      socket.destroy()
      return
    }
    socket.pause()
    socket.unshift(
      Buffer.concat([start.subarray(0, size), requestHeadersFrame(request), start.subarray(size)]),
    )
    accept(socket)
  }
  socket.on('error', give)
  socket.on('timeout', give)
  socket.setTimeout(UPGRADE_LIMIT_MS)
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
  socket.on('data', take)
  if (head.length > 0) take(Buffer.alloc(0))
}

/** Bytes of preface and first frame; `undefined` while they are incomplete, -1 for something else. */
function openingSize(start: Buffer): number | undefined {
  const isLike = PREFACE.subarray(0, start.length).equals(start.subarray(0, PREFACE.length))
  if (!isLike) return -1
  if (start.length < PREFACE.length + FRAME_HEAD_BYTES) return undefined
  const length = start.readUIntBE(PREFACE.length, 3)
  if (length > MOST_SETTINGS_BYTES) return -1
  const size = PREFACE.length + FRAME_HEAD_BYTES + length
  return start.length < size ? undefined : size
}
