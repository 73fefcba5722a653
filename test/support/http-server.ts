import { createServer, type RequestListener, type ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP server on a free port of loopback. */
export type HttpServer = AsyncDisposable & {
  readonly port: number
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  close(): Promise<void>
}

/** Serves `listener` until closed: an upstream for the gateway under test. */
export async function startHttpServer(
  listener: RequestListener,
  options: ServerOptions = {},
): Promise<HttpServer> {
  const server = createServer(options, listener)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const { port } = server.address() as AddressInfo
  const close = async () => {
    const closed = Promise.withResolvers<void>()
    server.close(() => closed.resolve())
    server.closeAllConnections()
    await closed.promise
  }
  return { port, url: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close }
}
