import type { Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { ServerTlsConfig, ServiceConfig } from '../config/types.ts'
import { createServer } from '../node-http.ts'
import type { DeadlineWheel } from '../pipe/deadline.ts'
import type { Logger } from '../telemetry/log.ts'
import { type AnswerOptions, answerer, type ListenerMeters } from './answer.ts'
import type { ClientAddress } from './client-request.ts'
import { closeIdle } from './close-idle.ts'
import { drainServer } from './drain.ts'
import { acceptH2c, wantsH2c } from './h2c.ts'
import { answerHttp1, http1Settings, isBusy, isIdle } from './http1.ts'
import { type Http2Side, http2Side } from './http2.ts'
import { loadCertificates, watchCertificates } from './tls.ts'

export type OpenOptions = Omit<AnswerOptions, 'log'> & {
  readonly config: Pick<ServiceConfig, 'port' | 'listenIp' | 'server' | 'tls' | 'useH2c' | 'router'>
  readonly clientAddress: ClientAddress
  readonly wheel: DeadlineWheel
  readonly log: Pick<Logger, 'info' | 'error'>
  /** Other threads listen on the same port. */
  readonly reusesPort: boolean
  /** How often renewed certificate files are looked for. */
  readonly certificateCheckMs?: number
}

/** A listener at work. */
export type Listener = {
  readonly port: number
  /** Stops accepting; resolves when the last connection has ended. */
  drain(): Promise<void>
}

const CERTIFICATE_CHECK_MS = 10_000

/**
 * Listens for clients as the configuration says: HTTP/1.1, HTTPS with HTTP/2 beside it, or HTTP/1.1 and HTTP/2
 * without TLS on one port. Rejects with the system's error, or a `ConfigError` about certificates.
 */
export async function openListener(options: OpenOptions): Promise<Listener> {
  const { config, clientAddress, wheel } = options
  const parts = { timeouts: config.server, clientAddress, wheel, answer: answerer(options) }
  const http2 = http2Side(parts)
  const silent = new Set<Socket>()
  const tls = config.tls?.disabled === false ? tlsServer(config.tls, options) : undefined
  const usesH2c = tls === undefined && (config.useH2c || config.router.useH2c)
  const server = tls?.server ?? plainServer(config, usesH2c)
  answerHttp1(server, parts)
  if (tls !== undefined) acceptAlpn(tls.server, http2)
  if (usesH2c)
    acceptH2c(server, { accept: http2.accept, readHeaderMs: config.server.readHeaderMs, silent })
  const watched = watchConnections(server, options.meters, tls !== undefined)
  const stopClosing = closeIdle({ ...watched, isIdle, idleMs: config.server.idleMs })
  const port = await listen(server, config, options.reusesPort)
  return {
    port,
    drain() {
      tls?.stopWatching()
      stopClosing()
      return drainServer({
        server,
        sockets: watched.sockets,
        isBusy: (socket) => isBusy(socket) || http2.isBusy(socket),
        isIdle,
        goodbye: () => {
          http2.drain()
          for (const socket of [...silent, ...watched.handshaking()]) socket.destroy()
        },
      })
    },
  }
}

/** Upgrades to anything but h2c are requests like any other. */
function plainServer(config: Pick<ServiceConfig, 'server'>, usesH2c: boolean): Server {
  const shouldUpgradeCallback = usesH2c ? wantsH2c : () => false
  return createServer({ ...http1Settings(config.server), shouldUpgradeCallback })
}

function tlsServer(tls: ServerTlsConfig, { config, log, ...options }: OpenOptions) {
  let certificates = loadCertificates(tls)
  const { readHeaderMs } = config.server
  const server = createTlsServer({
    ...http1Settings(config.server),
    ...certificates.options,
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: tls.enableMtls,
    rejectUnauthorized: tls.enableMtls,
    SNICallback: (host, done) => done(null, certificates.contextFor(host)),
    ...(readHeaderMs > 0 ? { handshakeTimeout: readHeaderMs } : {}),
  })
  const stopWatching = watchCertificates({
    config: tls,
    everyMs: options.certificateCheckMs ?? CERTIFICATE_CHECK_MS,
    log,
    renewed(renewed) {
      certificates = renewed
      server.setSecureContext(renewed.options)
    },
  })
  return { server, stopWatching }
}

/** Connections that chose HTTP/2 in their handshake go there; the others stay. */
function acceptAlpn(server: TlsServer, http2: Http2Side): void {
  const listeners = server.listeners('secureConnection')
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol === 'h2') http2.accept(socket)
    else for (const listener of listeners) listener.call(server, socket)
  })
  // A handshake that fails has told the client why.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (_error, socket) => socket.destroy())
}

type Watched = {
  readonly sockets: ReadonlySet<Socket>
  /** TCP connections whose TLS handshake is not done. */
  handshaking(): Iterable<Socket>
}

function watchConnections(server: Server, meters: ListenerMeters, isTls: boolean): Watched {
  const sockets = new Set<Socket>()
  const handshaking = new Map<string, Socket>()
  const peerOf = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket)
    if (isTls) handshaking.set(peer, socket)
    meters.connections.add(1)
    socket.on('close', () => {
      meters.connections.add(-1)
      handshaking.delete(peer)
    })
  })
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    handshaking.delete(peerOf(socket))
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return { sockets, handshaking: () => handshaking.values() }
}

function listen(
  server: Server,
  { port, listenIp }: Pick<ServiceConfig, 'port' | 'listenIp'>,
  reusesPort: boolean,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(
      { port, ...(listenIp === '' ? {} : { host: listenIp }), reusePort: reusesPort },
      () => {
        server.off('error', reject)
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      },
    )
  })
}
