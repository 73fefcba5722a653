import type { Socket } from 'node:net'

export type CloseIdleOptions = {
  /** Everything that clients have open. */
  readonly sockets: ReadonlySet<Socket>
  /** Whether a connection was answered, and nothing of its next request has come. */
  readonly isIdle: (socket: Socket) => boolean
  /** 0 is never. */
  readonly idleMs: number
}

/**
 * Closes connections that have waited `idleMs` for their next request, up to a fifth late, until it is stopped. One
 * timer for all: Node sets two on a connection with every request.
 */
export function closeIdle({ sockets, isIdle, idleMs }: CloseIdleOptions): () => void {
  if (idleMs === 0) return () => {}
  const seen = new WeakMap<Socket, { readonly bytes: number; readonly sinceMs: number }>()
  const look = (): void => {
    const nowMs = performance.now()
    for (const socket of sockets) {
      if (!isIdle(socket)) continue
      const before = seen.get(socket)
      if (before?.bytes !== socket.bytesRead)
        seen.set(socket, { bytes: socket.bytesRead, sinceMs: nowMs })
      else if (nowMs - before.sinceMs >= idleMs) socket.destroy()
    }
  }
  const timer = setInterval(look, Math.max(idleMs / 10, SHORTEST_MS)).unref()
  return () => clearInterval(timer)
}
const SHORTEST_MS = 10
