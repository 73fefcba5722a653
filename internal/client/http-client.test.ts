import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { authority, noOpenssl } from '../../test/support/certificates.ts'
import type { ClientTlsConfig, TransportConfig } from '../config/types.ts'
import { GatewayError } from '../errors.ts'
import { announceSize } from '../pipe/body-size.ts'
import { collect } from '../pipe/collect.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { RequestBody } from '../pipe/pipe.ts'
import { sharedWords, wordMemory } from '../process/shared-memory.ts'
import type { Client } from './client.ts'
import { clientTls } from './client-tls.ts'
import type { DialTimes } from './dial-times.ts'
import { httpClient } from './http-client.ts'
import { keptOrigins } from './kept-origins.ts'
import { proxyFromEnvironment } from './proxy-environment.ts'

const TRANSPORT: TransportConfig = {
  dialerTimeoutMs: 0,
  dialerKeepAliveMs: 15_000,
  dialerFallbackDelayMs: 300,
  disableCompression: false,
  disableKeepAlives: false,
  maxIdleConnections: 0,
  maxIdleConnectionsPerHost: 250,
  idleConnectionTimeoutMs: 0,
  responseHeaderTimeoutMs: 0,
  expectContinueTimeoutMs: 0,
}

type Setup = {
  readonly transport?: Partial<TransportConfig>
  readonly tls?: ClientTlsConfig
  readonly env?: NodeJS.ProcessEnv
  readonly threads?: number
  readonly addresses?: Readonly<Record<string, readonly string[]>>
}
/** Shared by all clients of a test, as by the threads of a process. */
const words = sharedWords(wordMemory(1024))
const clientOf = ({ transport, tls, env = {}, threads = 1, addresses = {} }: Setup = {}): Client =>
  httpClient({
    transport: { ...TRANSPORT, ...transport },
    tls: clientTls(tls),
    proxyFor: proxyFromEnvironment(env),
    book: (host) => addresses[host],
    threads,
    kept: keptOrigins(words),
  })

type Upstream = AsyncDisposable & {
  readonly origin: string
  readonly port: number
  readonly sockets: Set<Socket>
  /** Connections accepted so far. */
  accepted(): number
}

async function serve(
  server: Server | ReturnType<typeof createTcpServer>,
  scheme = 'http',
): Promise<Upstream> {
  const sockets = new Set<Socket>()
  let accepted = 0
  server.on('connection', (socket: Socket) => {
    accepted++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    port,
    sockets,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
const upstream = (listener: RequestListener) => serve(createServer(listener))

const wheel = new DeadlineWheel()
type Sent = { readonly status: number; readonly body: string }
async function send(
  client: Client,
  origin: string,
  more: { method?: string; path?: string; body?: RequestBody; timeoutMs?: number } = {},
): Promise<Sent> {
  const { method = 'GET', path = '/', body, timeoutMs = 5000 } = more
  const deadline = wheel.start(performance.now()).limit(timeoutMs)
  try {
    const call = { method, origin, path, headers: ['User-Agent', 'test'], body }
    const reply = await client.send(call, deadline)
    return { status: reply.status, body: (await collect(reply.body, 1 << 20)).toString() }
  } finally {
    deadline.finish()
  }
}

/** undici uses a connection again one turn of the event loop after its answer. */
const free = () => new Promise((resolve) => setTimeout(resolve, 30))

test('threads know of a first kept connection before anybody hears what came over it', async () => {
  const kept = keptOrigins(words)
  for (const [connection, isKept] of [
    ['keep-alive', true],
    ['close', false],
  ] as const) {
    await using server = await upstream((_request, response) => {
      response.writeHead(200, { connection }).end('{}')
    })
    const client = clientOf()
    assert.equal((await send(client, server.origin)).status, 200)
    assert.equal(kept.hadAt(server.origin, performance.now()), isKept, connection)
    await client.close()
  }
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('connections to upstreams', () => {
  test('one connection serves call after call', async () => {
    await using one = await upstream((_request, response) => response.end('x'))
    const client = clientOf()
    for (let count = 0; count < 20; count++) {
      assert.equal((await send(client, one.origin)).body, 'x')
      await free()
    }
    assert.equal(one.accepted(), 1)
    await client.close()
  })

  test('disable_keep_alives opens one for each call', async () => {
    await using one = await upstream((request, response) =>
      response.end(request.headers.connection),
    )
    const client = clientOf({ transport: { disableKeepAlives: true } })
    for (let count = 0; count < 3; count++)
      assert.equal((await send(client, one.origin)).body, 'close')
    assert.equal(one.accepted(), 3)
    await client.close()
  })

  test('max_idle_connections_per_host keeps so many after a burst, each thread its part', async () => {
    for (const [threads, kept] of [
      [1, 4],
      [2, 2],
    ] as const) {
      await using one = await upstream((_request, response) => {
        setTimeout(() => response.end(), 20)
      })
      const client = clientOf({ transport: { maxIdleConnectionsPerHost: 4 }, threads })
      await Promise.all(Array.from({ length: 12 }, () => send(client, one.origin)))
      assert.equal(one.accepted(), 12)
      await until(() => one.sockets.size <= kept)
      await send(client, one.origin)
      assert.equal(one.sockets.size, kept)
      assert.equal(one.accepted(), 12)
      await client.close()
    }
  })

  test('max_idle_connections bounds all hosts together: the longest idle goes', async () => {
    await using one = await upstream((_request, response) => response.end())
    await using two = await upstream((_request, response) => response.end())
    const client = clientOf({ transport: { maxIdleConnections: 1 } })
    await send(client, one.origin)
    await until(() => one.sockets.size === 1)
    await send(client, two.origin)
    await until(() => one.sockets.size === 0)
    await send(client, two.origin)
    assert.equal(two.accepted(), 1)
    await client.close()
  })

  for (const [name, keepAlive] of [
    ['', 'timeout=600'],
    [' of an upstream that does not say how long it keeps its own', undefined],
  ] as const)
    test(`idle_connection_timeout closes what is not used${name}`, async () => {
      await using one = await upstream((_request, response) => {
        response.setHeader('Connection', 'keep-alive')
        if (keepAlive !== undefined) response.setHeader('Keep-Alive', keepAlive)
        response.end()
      })
      const client = clientOf({ transport: { idleConnectionTimeoutMs: 100 } })
      await send(client, one.origin)
      await until(() => one.sockets.size === 0)
      assert.equal((await send(client, one.origin)).status, 200)
      assert.equal(one.accepted(), 2)
      await client.close()
    })

  test('a connection in use stays open longer than idle_connection_timeout', async () => {
    await using one = await upstream((_request, response) => {
      response.setHeader('Connection', 'keep-alive').end()
    })
    const client = clientOf({ transport: { idleConnectionTimeoutMs: 300 } })
    for (let call = 0; call < 8; call++) {
      await send(client, one.origin)
      await new Promise((resolve) => setTimeout(resolve, 80))
    }
    assert.equal(one.accepted(), 1)
    await client.close()
  })

  test("an upstream's own Keep-Alive: timeout counts when it is shorter", async () => {
    // undici takes two seconds off for what is under way.
    await using one = await upstream((_request, response) => {
      response.setHeader('Connection', 'keep-alive').setHeader('Keep-Alive', 'timeout=3').end()
    })
    const client = clientOf({ transport: { idleConnectionTimeoutMs: 60_000 } })
    await send(client, one.origin)
    await until(() => one.sockets.size === 0)
    await client.close()
  })

  test('retire closes idle connections at once and busy ones after their call', async () => {
    const { promise: release, resolve: finish } = Promise.withResolvers<void>()
    await using one = await upstream(async (request, response) => {
      if (request.url === '/slow') await release
      response.end('done')
    })
    const client = clientOf()
    const slow = send(client, one.origin, { path: '/slow' })
    await send(client, one.origin, { path: '/quick' })
    client.retire(one.origin)
    await until(() => one.sockets.size === 1)
    finish()
    assert.equal((await slow).body, 'done')
    await until(() => one.sockets.size === 0)
    await client.close()
  })

  test('response_header_timeout fails a call whose headers do not come', async () => {
    await using one = await upstream(() => {})
    const client = clientOf({ transport: { responseHeaderTimeoutMs: 50 } })
    await assert.rejects(send(client, one.origin), /timeout awaiting response headers/)
    await until(() => one.sockets.size === 0)
    await client.close()
  })

  test('a call given up while its connection is being opened leaves no connection behind', async () => {
    // TEST-NET-1 (RFC 5737): nobody answers there.
    const client = clientOf({ addresses: { 'nowhere.test': ['192.0.2.1'] } })
    const startMs = performance.now()
    await assert.rejects(send(client, 'http://nowhere.test:81', { timeoutMs: 100 }))
    assert.ok(performance.now() - startMs < 1000)
    await client.close()
  })

  test('dialer_timeout fails a call whose connection, TLS included, takes longer', async () => {
    await using mute = await serve(
      createTcpServer(() => {}),
      'https',
    )
    const client = clientOf({ transport: { dialerTimeoutMs: 100 } })
    const startMs = performance.now()
    await assert.rejects(send(client, mute.origin), /i\/o timeout/)
    assert.ok(performance.now() - startMs < 3000)
    await client.close()
  })

  test('a name with several addresses is reached by the next when one does not answer', async () => {
    await using one = await upstream((_request, response) => response.end('x'))
    const addresses = { 'shop.test': ['127.0.0.9', '127.0.0.1'] }
    const client = clientOf({ addresses, transport: { dialerFallbackDelayMs: 50 } })
    assert.equal((await send(client, `http://shop.test:${one.port}`)).body, 'x')
    await client.close()
  })

  test('a kept connection that the upstream closes is replaced without a failed call', async () => {
    await using one = await upstream((_request, response) => response.end('x'))
    const client = clientOf()
    for (let count = 0; count < 30; count++) {
      const sent = send(client, one.origin)
      assert.equal((await sent).body, 'x')
      for (const socket of one.sockets) socket.destroy()
    }
    await client.close()
  })
})

describe('request bodies', () => {
  const arriving = (bytes: Buffer, announced?: number): Readable => {
    const body = Readable.from([bytes], { objectMode: false })
    if (announced !== undefined) announceSize(body, announced)
    return body
  }
  const echo: RequestListener = async (request, response) => {
    let size = 0
    for await (const chunk of request) size += chunk.length
    response.end(
      `${size} ${request.headers['content-length']} ${request.headers['transfer-encoding']}`,
    )
  }

  test('a small one that was announced goes out whole, others in chunks', async () => {
    await using one = await upstream(echo)
    const client = clientOf()
    const sizes = async (body: RequestBody) =>
      (await send(client, one.origin, { method: 'POST', body })).body
    assert.equal(await sizes(arriving(Buffer.alloc(100), 100)), '100 100 undefined')
    assert.equal(await sizes(arriving(Buffer.alloc(100))), '100 undefined chunked')
    assert.equal(
      await sizes(arriving(Buffer.alloc(1 << 20), 1 << 20)),
      `${1 << 20} undefined chunked`,
    )
    await client.close()
  })

  test('an upstream that refuses or answers early leaves the source alive', async () => {
    await using early = await upstream((_request, response) => {
      response.statusCode = 413
      response.end('too much')
    })
    const client = clientOf()
    const endless = () =>
      new Readable({
        read() {
          setImmediate(() => this.push(Buffer.alloc(64 << 10)))
        },
      })
    const first = endless()
    assert.equal((await send(client, early.origin, { method: 'POST', body: first })).status, 413)
    assert.equal(first.destroyed, false)
    const second = endless()
    await assert.rejects(
      send(client, 'http://127.0.0.1:1', { method: 'POST', body: second }),
      /connection refused/,
    )
    assert.equal(second.destroyed, false)
    first.destroy()
    second.destroy()
    await client.close()
  })

  test('a client that goes away mid-upload ends the call', async () => {
    await using one = await upstream((request) => {
      request.on('error', () => {}).resume()
    })
    const client = clientOf()
    const body = new Readable({ read() {} })
    body.push(Buffer.alloc(1000))
    const sent = send(client, one.origin, { method: 'POST', body })
    setTimeout(() => body.destroy(), 50)
    await assert.rejects(sent, GatewayError)
    await until(() => one.sockets.size === 0)
    await client.close()
  })
})

describe('TLS to upstreams', { skip: noOpenssl }, () => {
  const config = (more: Partial<ClientTlsConfig>): ClientTlsConfig => ({
    allowInsecureConnections: false,
    caCerts: [],
    disableSystemCaPool: true,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    curves: [],
    ciphers: [],
    clientCerts: [],
    ...more,
  })

  test('checks names against ca_certs, sends SNI and Host by name, and can be told not to check', async () => {
    using files = authority()
    const { cert, key } = files.issue('server', ['shop.test'])
    const server = createTlsServer({ cert, key }, (request, response) => {
      const { servername } = request.socket as IncomingMessage['socket'] & { servername?: string }
      response.end(`${servername} ${request.headers.host}`)
    })
    await using one = await serve(server, 'https')
    const addresses = { 'shop.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] }
    const trusting = clientOf({ tls: config({ caCerts: [files.ca.certFile] }), addresses })
    const to = (host: string) => `https://${host}:${one.port}`
    assert.equal((await send(trusting, to('shop.test'))).body, `shop.test shop.test:${one.port}`)
    await assert.rejects(send(trusting, to('other.test')), GatewayError)
    const strange = clientOf({ addresses })
    await assert.rejects(send(strange, to('shop.test')), GatewayError)
    const careless = clientOf({ tls: config({ allowInsecureConnections: true }), addresses })
    assert.equal((await send(careless, to('other.test'))).status, 200)
    for (const client of [trusting, strange, careless]) await client.close()
  })

  test('tells what opening a connection took, of a call that opened one, even where it failed', async () => {
    using files = authority()
    const { cert, key } = files.issue('server', ['localhost', 'shop.test'])
    const server = createTlsServer({ cert, key }, (_request, response) => response.end('hi'))
    await using one = await serve(server, 'https')
    await using silent = await serve(
      createTcpServer((socket) => {
        socket.once('data', () => socket.end('no TLS here'))
      }),
      'https',
    )
    const client = clientOf({
      tls: config({ caCerts: [files.ca.certFile] }),
      addresses: { 'shop.test': ['127.0.0.1'] },
    })
    const timesOf = async (origin: string) => {
      const told: DialTimes[] = []
      const deadline = wheel.start(performance.now()).limit(5000)
      const call = { method: 'GET', origin, path: '/', headers: [], body: undefined }
      await client
        .exchange({ ...call, onDial: (times) => told.push(times) }, deadline)
        .then(({ body }) => collect(body, 1 << 10))
        .catch(() => {})
      deadline.finish()
      return told.map(({ dnsMs, tlsMs }) => [dnsMs > 0, tlsMs > 0])
    }
    const byName = `https://localhost:${one.port}`
    assert.deepEqual(await timesOf(byName), [[true, true]])
    await free()
    assert.deepEqual(await timesOf(byName), [], 'the connection was kept')
    assert.deepEqual(await timesOf(silent.origin), [[false, true]])
    await using plain = await upstream((_request, response) => response.end('hi'))
    assert.deepEqual(await timesOf(plain.origin), [[false, false]])
    await client.close()
  })

  test('shows client_certs to upstreams that ask', async () => {
    using files = authority()
    const { cert, key } = files.issue('server', ['127.0.0.1'])
    const own = files.issue('client', ['client.test'])
    const server = createTlsServer(
      { cert, key, ca: files.ca.cert, requestCert: true, rejectUnauthorized: true },
      (_request, response) => response.end('let in'),
    )
    await using one = await serve(server, 'https')
    const ca = { caCerts: [files.ca.certFile] }
    const known = clientOf({
      tls: config({ ...ca, clientCerts: [{ certificate: own.certFile, privateKey: own.keyFile }] }),
    })
    assert.equal((await send(known, one.origin)).body, 'let in')
    const unknown = clientOf({ tls: config(ca) })
    await assert.rejects(send(unknown, one.origin), GatewayError)
    await known.close()
    await unknown.close()
  })

  test('files that cannot be used stop the start and are named', () => {
    assert.throws(() => clientTls(config({ caCerts: ['./no-ca.pem'] })), /no-ca\.pem/)
    const missing = [{ certificate: './no-cert.pem', privateKey: './no-key.pem' }]
    assert.throws(() => clientTls(config({ clientCerts: missing })), /no-cert\.pem/)
  })
})

describe('forward proxies', () => {
  type Proxy = Upstream & { readonly seen: string[] }
  /** Looks names up by itself: every name leads to loopback. */
  async function forwardProxy(): Promise<Proxy> {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(
        `${request.method} ${request.url} ${request.headers.host} ${request.headers['proxy-authorization']}`,
      )
      response.end('by proxy')
    })
    server.on('connect', (request, socket, head) => {
      seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`)
      const to = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        to.write(head)
        to.pipe(socket).pipe(to)
      })
      to.on('error', () => socket.destroy())
      socket.on('error', () => to.destroy())
    })
    return { ...(await serve(server)), seen }
  }

  test('plain calls name the whole address, with the name unresolved and credentials for the proxy', async () => {
    await using proxy = await forwardProxy()
    const env = { HTTP_PROXY: `http://me:secret@127.0.0.1:${proxy.port}` }
    const client = clientOf({ env, addresses: { 'shop.test': ['192.0.2.1'] } })
    assert.equal((await send(client, 'http://shop.test', { path: '/a?b=c' })).body, 'by proxy')
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
    assert.deepEqual(proxy.seen, [`GET http://shop.test/a?b=c shop.test ${basic}`])
    await client.close()
  })

  test('TLS goes through a tunnel and is checked end to end', { skip: noOpenssl }, async () => {
    using files = authority()
    const { cert, key } = files.issue('server', ['shop.test'])
    await using proxy = await forwardProxy()
    await using one = await serve(
      createTlsServer({ cert, key }, (request, response) => response.end(request.headers.host)),
      'https',
    )
    const client = clientOf({
      env: { HTTPS_PROXY: `127.0.0.1:${proxy.port}` },
      tls: {
        ...{ allowInsecureConnections: false, disableSystemCaPool: true, clientCerts: [] },
        ...{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', curves: [], ciphers: [] },
        caCerts: [files.ca.certFile],
      },
    })
    const origin = `https://shop.test:${one.port}`
    assert.equal((await send(client, origin)).body, `shop.test:${one.port}`)
    await free()
    assert.equal((await send(client, origin)).status, 200)
    assert.deepEqual(proxy.seen, [`CONNECT shop.test:${one.port} undefined`])
    await client.close()
  })

  test('a proxy that refuses, hangs up, or talks without end is an error', async () => {
    for (const [answer, words] of [
      ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /Proxy Authentication Required/],
      ['', /EOF/],
      ['x'.repeat(20_000), /too long/],
      ['SSH-2.0-OpenSSH\r\n\r\n', /not an HTTP proxy/],
    ] as const) {
      const server = createTcpServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => socket.end(answer))
      })
      await using proxy = await serve(server)
      const client = clientOf({ env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` } })
      await assert.rejects(send(client, 'https://shop.test'), words)
      await client.close()
    }
  })

  test('NO_PROXY, loopback and localhost go directly', () => {
    const choose = proxyFromEnvironment({
      http_proxy: 'http://proxy.test:3128',
      NO_PROXY: 'plain.test, .sub.test, 10.0.0.0/8, ported.test:8080',
    })
    const goes = (origin: string) => choose(origin)?.origin
    assert.equal(goes('http://shop.test'), 'http://proxy.test:3128')
    for (const direct of [
      'plain.test',
      'a.plain.test',
      'a.sub.test',
      '10.1.2.3',
      'localhost',
      '127.0.0.9',
      '[::1]',
    ])
      assert.equal(goes(`http://${direct}`), undefined, direct)
    for (const proxied of ['sub.test', 'ported.test', '11.0.0.1', 'notplain.test'])
      assert.equal(goes(`http://${proxied}`), 'http://proxy.test:3128', proxied)
    assert.equal(goes('http://ported.test:8080'), undefined)
    assert.equal(goes('https://shop.test'), undefined)
  })

  test('an address that is no HTTP proxy stops the start', () => {
    assert.throws(() => proxyFromEnvironment({ HTTP_PROXY: 'socks5://proxy.test' }), /HTTP_PROXY/)
    assert.throws(() => proxyFromEnvironment({ HTTPS_PROXY: 'http://[' }), /HTTPS_PROXY/)
  })
})
