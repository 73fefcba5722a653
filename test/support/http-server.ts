import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** An HTTP server on a free port of loopback. */
export type HttpServer = AsyncDisposable & {
  readonly port: number
  /** `http://127.0.0.1:PORT`, or `https://...` */
  readonly url: string
  close(): Promise<void>
}

/** Serves `listener` until closed: an upstream for the gateway under test. */
export const startHttpServer = (
  listener: RequestListener,
  options: ServerOptions = {},
): Promise<HttpServer> => started(createServer(options, listener), 'http')

/** The same on TLS. */
export const startHttpsServer = (
  listener: RequestListener,
  { cert, key }: { readonly cert: string; readonly key: string },
): Promise<HttpServer> => started(createTlsServer({ cert, key }, listener), 'https')

async function started(server: Server, scheme: string): Promise<HttpServer> {
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
  return { port, url: `${scheme}://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close }
}
