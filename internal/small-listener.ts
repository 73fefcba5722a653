import type { Server } from 'node:http'
import { createServer } from './node-http.ts'

/** Scrapers, probes and people: more connections than these come from nobody who means well. */
const MOST_CONNECTIONS = 128
const LARGEST_HEADER_BYTES = 16 * 1024
const REQUEST_TIMEOUT_MS = 10_000

export type SmallLimits = {
  readonly headerTimeoutMs: number
  /** Whoever neither sends nor takes anything for so long is cut off. */
  readonly idleTimeoutMs: number
}

/** A server of the main thread beside the one for clients, with narrow limits. */
export function smallServer({ headerTimeoutMs, idleTimeoutMs }: SmallLimits): Server {
  const server = createServer({
    maxHeaderSize: LARGEST_HEADER_BYTES,
    headersTimeout: headerTimeoutMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1_000,
  })
  server.maxConnections = MOST_CONNECTIONS
  server.setTimeout(idleTimeoutMs)
  return server
}

/** Resolves when the server listens, or with why it cannot. `host` is `''` for all addresses. */
export function listening(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ port, ...(host !== '' && { host }) }, () => {
      server.off('error', resolve)
      // Accepting may fail later (too many descriptors): the next connection is tried again.
      server.on('error', () => {})
      resolve(undefined)
    })
  })
}

/** Stops at once: nobody waits for what is still being answered. */
export function closedAtOnce(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
