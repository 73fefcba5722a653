import type { Client } from 'undici'
import type { TransportConfig } from '../config/types.ts'
import type { ClientTls } from './client-tls.ts'
import { type AddressBook, dialer } from './dial.ts'
import { idleLimit } from './idle-limit.ts'
import type { KeptOrigins } from './kept-origins.ts'
import { type OriginPool, originPool } from './pool.ts'
import type { ForwardProxy, ProxyChoice } from './proxy-environment.ts'

export type HttpClientOptions = {
  readonly transport: TransportConfig
  readonly tls: ClientTls
  readonly proxyFor: ProxyChoice
  readonly book: AddressBook
  /** KrakenD's limits are the process's: each of this many threads keeps its part of them. */
  readonly threads: number
  readonly kept: KeptOrigins
}

/** Where the calls to one origin go. */
export type Route = {
  readonly pool: OriginPool
  /** Set where calls name their whole address because a proxy reads them. */
  readonly proxy: ForwardProxy | undefined
}

/** A thread's pools, one per origin that has connections. */
export type OriginPools = {
  to(origin: string): Route
  retire(origin: string): void
  close(): Promise<void>
}

/** What an upstream may send before its body, as Go's transport allows. */
const MAX_HEADER_BYTES = 10 << 20
/** The longest that an upstream's own `Keep-Alive: timeout` counts for where there is no limit of ours. */
const A_DAY_MS = 24 * 3_600_000

/** Opens pools when they are first needed and forgets them with their last connection. */
export function originPools(options: HttpClientOptions): OriginPools {
  const { transport, threads } = options
  const routes = new Map<string, Route>()
  const limit = idleLimit(Math.ceil(transport.maxIdleConnections / threads))
  const open = (origin: string): Route => {
    const chosen = options.proxyFor(origin)
    const proxy = origin.startsWith('http:') ? chosen : undefined
    const to = proxy?.origin ?? origin
    const dial = dialer({
      origin: to,
      transport,
      tls: options.tls,
      proxy: chosen,
      addressesOf: (host) => (proxy === undefined ? options.book(host, origin) : undefined),
    })
    const route: Route = {
      proxy,
      pool: originPool({
        origin: to,
        settings: clientSettings(transport),
        dial,
        maxIdle: Math.ceil(transport.maxIdleConnectionsPerHost / threads),
        idleTimeoutMs: transport.idleConnectionTimeoutMs,
        idleLimit: limit,
        onFirstKept: () => options.kept.note(origin),
        onEmpty: () => {
          if (routes.get(origin) === route) routes.delete(origin)
        },
      }),
    }
    routes.set(origin, route)
    return route
  }
  return {
    to: (origin) => routes.get(origin) ?? open(origin),
    retire(origin) {
      const route = routes.get(origin)
      routes.delete(origin)
      route?.pool.retire()
    },
    async close() {
      for (const { pool } of [...routes.values()]) pool.destroy()
      routes.clear()
    },
  }
}

function clientSettings(transport: TransportConfig): Client.Options {
  return {
    pipelining: transport.disableKeepAlives ? 0 : 1,
    keepAliveMaxTimeout: transport.idleConnectionTimeoutMs || A_DAY_MS,
    // The deadline wheel ends every call; undici's own timers would cost 2 us a request.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    allowH2: false,
  }
}
