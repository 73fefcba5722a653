import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An upstream that leaves as well-behaved services do. */
export type GracefulUpstream = {
  readonly url: string
  /** Requests answered. */
  readonly served: () => number
  /** Refuses new connections at once; whoever is connected gets an answer, and `Connection: close` with it. */
  leave(): void
  stop(): void
}

/** Serves `ok` on a free port of loopback. */
export async function startGracefulUpstream(): Promise<GracefulUpstream> {
  let served = 0
  let isLeaving = false
  const answer: RequestListener = (request, response) => {
    request.resume().on('end', () => {
      served++
      if (isLeaving) response.setHeader('connection', 'close')
      response.setHeader('content-type', 'application/json')
      response.end('{"ok":true}')
    })
  }
  const server = createServer({ keepAliveTimeout: 60_000 }, answer)
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  // node:http would cut idle connections, on which a request may be under way.
  server.closeIdleConnections = () => {}
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    served: () => served,
    leave() {
      isLeaving = true
      server.close()
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
