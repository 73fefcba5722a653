import { connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a real server, so that a test can take the server away and give it back. */
export type TcpRelay = AsyncDisposable & {
  readonly port: number
  /** From now on connections are refused, and those that are open break. */
  away(): Promise<void>
  back(): Promise<void>
}

/** Relays a port of loopback to `target`. It starts away when told so. */
export async function tcpRelay(target: number, isAway = false): Promise<TcpRelay> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream).pipe(client)
  })
  let port = 0
  const back = async () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
    await promise
    port = (server.address() as { port: number }).port
  }
  const away = async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    for (const socket of sockets) socket.resetAndDestroy()
    await promise
  }
  await back()
  if (isAway) await away()
  return {
    get port() {
      return port
    },
    away,
    back,
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await away()
    },
  }
}
