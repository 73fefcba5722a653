import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** What a raw upstream does with a connection on which a request has begun. */
export type RawAnswer = (socket: Socket, request: string) => void

/** An upstream that answers byte by byte, as badly as a test wants. */
export type RawUpstream = AsyncDisposable & {
  readonly url: string
  /** Connections that are open now. */
  open(): number
}

/** Calls `answer` once for each request head that arrives. */
export async function rawUpstream(answer: RawAnswer): Promise<RawUpstream> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let head = ''
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1')
      for (let end = head.indexOf('\r\n\r\n'); end >= 0; end = head.indexOf('\r\n\r\n')) {
        const request = head.slice(0, end)
        head = head.slice(end + 4)
        answer(socket, request)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Writes `chunk` over and over, as fast as the reader takes it, until `bytes` are out or the socket is gone. */
export function flood(socket: Socket, chunk: Buffer, bytes: number, done?: () => void): void {
  let left = bytes
  const write = (): void => {
    while (left > 0 && !socket.destroyed) {
      const piece = left >= chunk.length ? chunk : chunk.subarray(0, left)
      left -= piece.length
      if (!socket.write(piece)) {
        socket.once('drain', write)
        return
      }
    }
    if (!socket.destroyed) done?.()
  }
  write()
}
