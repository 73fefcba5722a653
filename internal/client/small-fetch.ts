import { createSecureContext, TLSSocket } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import type { buildConnector as Connector, Dispatcher } from 'undici'
import { trustingContext } from '../tls/trusting-context.ts'
import { buildConnector, undici } from '../undici.ts'
import { openTunnel } from './connect-proxy.ts'
import { type ProxyChoice, proxyFromEnvironment } from './proxy-environment.ts'

/** What a call needs of TLS. */
export type FetchTls = {
  readonly rejectUnauthorized?: boolean
  /** PEM, beside the authorities of this machine. */
  readonly ca?: readonly string[]
  readonly ciphers?: string
  readonly minVersion?: 'TLSv1.2'
}
export type FetchOptions = {
  readonly tls?: FetchTls
  /** Why a connection must not be used, though its certificate is in order; `undefined`: it may. */
  readonly refuse?: ((socket: TLSSocket) => string | undefined) | undefined
  /** To each origin. */
  readonly connections?: number
  /** Of an answer's body, unpacked. */
  readonly mostBytes?: number
  readonly mostRedirects?: number
}

export type Ask = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  /** Name, value, name, value, ... */
  readonly headers: readonly string[]
  readonly body?: string
  /** Ends the call; without one it has ten seconds. */
  readonly signal?: AbortSignal
}
export type Fetched = { readonly status: number; readonly type: string; readonly text: string }

/** Calls something small of the infrastructure (key sets, tokens, queues): everything about it is bounded. */
export type SmallFetch = {
  fetch(ask: Ask): Promise<Fetched>
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000
const USUAL_BYTES = 1 << 20
const USUAL_CONNECTIONS = 4
/** Of the answer's head. */
const MOST_HEADER_BYTES = 64 << 10
/** As Go's client. */
const MOST_REDIRECTS = 10

/** Calls apart from those of backends, through the proxy of the environment where there is one. */
export function smallFetch({
  tls = {},
  refuse,
  connections = USUAL_CONNECTIONS,
  mostBytes = USUAL_BYTES,
  mostRedirects = MOST_REDIRECTS,
}: FetchOptions = {}): SmallFetch {
  const proxyFor = proxyFromEnvironment(process.env)
  const dispatchers = new Map<string, Dispatcher>()
  const dispatcherOf = (url: string): Dispatcher => {
    const { origin, protocol } = new URL(url)
    const known = dispatchers.get(origin)
    if (known !== undefined) return known
    const { Agent, interceptors, ProxyAgent } = undici()
    const proxy = protocol === 'http:' ? proxyFor(origin) : undefined
    const bare =
      proxy === undefined
        ? new Agent({ ...LIMITS, connections, connect: connector({ tls, refuse }, proxyFor) })
        : new ProxyAgent({
            ...LIMITS,
            connections,
            uri: proxy.origin,
            proxyTunnel: false,
            ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
          })
    const dispatcher = bare.compose(interceptors.redirect({ maxRedirections: mostRedirects }))
    dispatchers.set(origin, dispatcher)
    return dispatcher
  }
  return {
    async fetch({ method, url, headers, body, signal = AbortSignal.timeout(TIMEOUT_MS) }) {
      const reply = await undici().request(url, {
        method,
        headers: [...headers, 'Accept-Encoding', 'gzip'],
        body: body ?? null,
        dispatcher: dispatcherOf(url),
        signal,
      })
      const bytes = await read(reply.body, mostBytes)
      return {
        status: reply.statusCode,
        type: first(reply.headers['content-type']),
        text: unpacked(bytes, first(reply.headers['content-encoding']), mostBytes).toString('utf8'),
      }
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()))
    },
  }
}

const LIMITS = {
  allowH2: false,
  maxHeaderSize: MOST_HEADER_BYTES,
  keepAliveTimeout: 30_000,
} as const

function connector({ tls = {}, refuse }: FetchOptions, proxyFor: ProxyChoice): Connector.connector {
  const settings = { allowH2: false, timeout: TIMEOUT_MS }
  const plain = buildConnector(settings)
  let encrypted: Connector.connector | undefined
  const direct: Connector.connector = (target, callback) => {
    if (target.protocol !== 'https:') return plain(target, callback)
    encrypted ??= buildConnector({ ...settings, ...encryption(tls) } as Connector.BuildOptions)
    encrypted(target, callback)
  }
  const connect: Connector.connector = (target, callback) => {
    const proxy = target.protocol === 'https:' ? proxyFor(`https://${target.host}`) : undefined
    if (proxy === undefined) return direct(target, callback)
    const place = `${target.hostname}:${target.port || 443}`
    openTunnel(proxy, place, TIMEOUT_MS, (error, socket) => {
      if (error !== null || socket === null) callback(error ?? new Error('no tunnel'), null)
      else direct({ ...target, httpSocket: socket }, callback)
    })
  }
  if (refuse === undefined) return connect
  return (target, callback) =>
    connect(target, (error, socket) => {
      if (error !== null) return callback(error, null)
      const reason = socket instanceof TLSSocket ? refuse(socket) : NOT_ENCRYPTED
      if (reason === undefined) return callback(null, socket)
      socket.destroy()
      callback(new Error(reason), null)
    })
}
/** Made once for all connections: reading a machine's authorities takes time. */
function encryption({ ca = [], rejectUnauthorized = true, ...options }: FetchTls) {
  const secureContext = rejectUnauthorized
    ? trustingContext(ca, options)
    : createSecureContext(options)
  return { secureContext, rejectUnauthorized }
}
const NOT_ENCRYPTED = 'a certificate is wanted and the connection is not encrypted'

async function read(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  mostBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > mostBytes) {
      body.destroy()
      throw new Error(`the answer is larger than ${mostBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const unpacked = (bytes: Buffer, encoding: string, mostBytes: number): Buffer =>
  encoding === 'gzip' ? gunzipSync(bytes, { maxOutputLength: mostBytes }) : bytes

const first = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? ''
