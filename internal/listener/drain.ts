import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export type DrainOptions = {
  readonly server: Server
  /** Everything that clients have open. */
  readonly sockets: ReadonlySet<Socket>
  /** Whether a request of the connection is being answered, or its reply is on its way. */
  readonly isBusy: (socket: Socket) => boolean
  /** Whether a connection was answered, and nothing of its next request has come. */
  readonly isIdle: (socket: Socket) => boolean
  /** Says goodbye to HTTP/2 clients. */
  readonly goodbye: () => void
}

/** How often a draining listener looks for connections that went idle. */
const IDLE_CHECK_MS = 50
/** What has begun to send a request gets this long to finish sending it (Go's figure for new connections). */
const BEGUN_MS = 5000

/** Stops accepting; resolves when the last connection has ended. Connections without a request are closed. */
export function drainServer(options: DrainOptions): Promise<void> {
  const { server, sockets, isBusy, isIdle } = options
  // Node's own cuts replies off that are not with the system yet.
  server.closeIdleConnections = () => {}
  return new Promise((resolve) => {
    const startMs = performance.now()
    const look = (): void => {
      const isLate = performance.now() - startMs > BEGUN_MS
      for (const socket of sockets)
        if (isIdle(socket) || (!isBusy(socket) && (isLate || socket.bytesRead === 0)))
          socket.destroy()
    }
    const sweep = setInterval(look, IDLE_CHECK_MS)
    server.close(() => {
      clearInterval(sweep)
      resolve()
    })
    options.goodbye()
    look()
  })
}
