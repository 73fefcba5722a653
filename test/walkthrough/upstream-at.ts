import { createServer, type RequestListener } from 'node:http'

/** An upstream on an address of its own below 127.0.0.0/8, so that several can share one port. */
export async function upstreamAt(
  address: string,
  port: number,
  answer: RequestListener,
): Promise<AsyncDisposable> {
  const server = createServer(answer)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(port, address, resolve)
  await promise
  return {
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
    },
  }
}
