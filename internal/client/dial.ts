import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction, Socket } from 'node:net'
import { isIP } from 'node:net'
import type { buildConnector as Connector } from 'undici'
import type { TransportConfig } from '../config/types.ts'
import { noteOwned } from '../pipe/chunk-memory.ts'
import { buildConnector } from '../undici.ts'
import type { ClientTls } from './client-tls.ts'
import { openTunnel } from './connect-proxy.ts'
import { type DialTimes, timeDial } from './dial-times.ts'
import type { ForwardProxy } from './proxy-environment.ts'

/** Addresses that discovery knows for a host name of an origin; `undefined`: ask the operating system. */
export type AddressBook = (host: string, origin: string) => readonly string[] | undefined

/** Longest wait for a connection when `dialer_timeout` leaves it to the operating system (Linux: about as long). */
const SYSTEM_DIAL_MS = 127_000
/** Go's defaults for `dialer_keep_alive` and `dialer_fallback_delay`. */
const KEEP_ALIVE_MS = 15_000
const FALLBACK_DELAY_MS = 300

export type DialOptions = {
  readonly origin: string
  readonly transport: TransportConfig
  readonly tls: ClientTls
  /** Asked for a tunnel to `https` origins. */
  readonly proxy: ForwardProxy | undefined
  readonly addressesOf: (host: string) => readonly string[] | undefined
}

/** Opens one connection and notes what its steps take. */
export type Dial = (
  target: Connector.Options,
  callback: Connector.Callback,
  times: DialTimes,
) => void

/** How connections to an origin are opened: TCP options, TLS, a proxy, and where a name's addresses come from. */
export function dialer(options: DialOptions): Dial {
  const { transport, tls, proxy } = options
  const isTls = options.origin.startsWith('https:')
  const timeout = transport.dialerTimeoutMs || SYSTEM_DIAL_MS
  const settings = {
    ...(isTls ? { secureContext: tls.context(), rejectUnauthorized: tls.verifies } : {}),
    allowH2: false,
    timeout,
    keepAlive: transport.dialerKeepAliveMs >= 0,
    keepAliveInitialDelay: transport.dialerKeepAliveMs || KEEP_ALIVE_MS,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: transport.dialerFallbackDelayMs || FALLBACK_DELAY_MS,
    lookup: lookupIn(options.addressesOf),
  }
  const connect = noting(buildConnector(settings as Connector.BuildOptions))
  if (proxy === undefined || !isTls) return connect
  return function dialThrough(target, callback, times) {
    openTunnel(proxy, `${target.hostname}:${target.port || 443}`, timeout, (error, socket) => {
      if (error !== null || socket === null) callback(error ?? new Error('no tunnel'), null)
      else connect({ ...target, httpSocket: socket }, callback, times)
    })
  }
}

/** A reset carries no trace of what came before it: this notes that for `isStaleConnection`. */
function noting(connect: Connector.connector): Dial {
  return function dial(target, callback, times) {
    const opened: unknown = connect(target, (error, socket) => {
      if (error !== null) return callback(error, null)
      socket.prependListener('error', (broken) =>
        Object.assign(broken, { bytesRead: socket.bytesRead }),
      )
      noteReads(socket)
      callback(null, socket)
    })
    // undici hands its socket out, though its types do not say so.
    timeDial(opened as Socket, times)
  }
}

/** What undici reads and cuts into pieces: `Exchange` gives the memory back. */
function noteReads(socket: Socket): void {
  const { read } = socket
  socket.read = function readNoted(size) {
    const chunk = read.call(this, size)
    if (chunk !== null) noteOwned(chunk)
    return chunk
  }
}

/** A `lookup` for sockets that asks discovery first. */
export function lookupIn(
  addressesOf: (host: string) => readonly string[] | undefined,
): LookupFunction {
  return function lookup(host, options, callback) {
    const addresses = addressesOf(host)
    if (addresses === undefined || addresses.length === 0)
      return systemLookup(host, options, callback)
    const found = addresses.map((address) => ({ address, family: isIP(address) }))
    const first = found[0]
    if (options.all === true) callback(null, found)
    else if (first !== undefined) callback(null, first.address, first.family)
  }
}
