import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import path from 'node:path'
import { describe, test } from 'node:test'
import tls from 'node:tls'
import { authority, type Certificate, noOpenssl } from '../../test/support/certificates.ts'
import { rawConnection } from '../../test/support/raw-connection.ts'
import type { ServerTimeouts, ServerTlsConfig } from '../config/types.ts'
import { ConfigError } from '../errors.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { ClientRequest, Reply } from '../pipe/pipe.ts'
import type { Serve } from './answer.ts'
import { type Listener, openListener } from './open-listener.ts'

const TIMEOUTS: ServerTimeouts = {
  readMs: 0,
  readHeaderMs: 2000,
  writeMs: 0,
  idleMs: 60_000,
  maxHeaderBytes: 1 << 20,
}

const text = (body: string): Reply => ({
  status: 200,
  headers: ['Content-Type', 'text/plain'],
  body,
})
const describeRequest: Serve = async (request) => {
  const { method, path: place, rawQuery, host, isEncrypted, headers } = request
  return text(
    JSON.stringify({
      method,
      path: place,
      rawQuery,
      host,
      isEncrypted,
      headers,
      sent: await bodyOf(request),
    }),
  )
}

async function bodyOf({ body }: ClientRequest): Promise<string> {
  if (body === undefined || Buffer.isBuffer(body)) return ''
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

type Gauge = { value: number; add(amount: number): void; set(value: number): void }
const gauge = (): Gauge => ({
  value: 0,
  add(amount) {
    this.value += amount
  },
  set(value) {
    this.value = value
  },
})

/** More than the system takes in one go. */
const LONG_TEXT = 'x'.repeat(30_000_000)

type Opened = Listener &
  AsyncDisposable & { readonly inFlight: Gauge; readonly problems: unknown[] }

async function open(
  serve: Serve,
  more: {
    tls?: ServerTlsConfig
    useH2c?: boolean
    server?: Partial<ServerTimeouts>
    checkMs?: number
  } = {},
): Promise<Opened> {
  const inFlight = gauge()
  const problems: unknown[] = []
  const note = (...words: readonly unknown[]) => problems.push(words.map(String).join(' '))
  const listener = await openListener({
    config: {
      port: 0,
      listenIp: '127.0.0.1',
      server: { ...TIMEOUTS, ...more.server },
      tls: more.tls,
      useH2c: more.useH2c ?? false,
      router: { useH2c: false } as never,
    },
    reusesPort: false,
    serve,
    clientAddress: (peer) => peer,
    wheel: new DeadlineWheel(),
    meters: { inFlight, connections: gauge(), responseBytes: gauge() },
    accessLog: undefined,
    log: { info: note, error: note },
    ...(more.checkMs === undefined ? {} : { certificateCheckMs: more.checkMs }),
  })
  return { ...listener, inFlight, problems, [Symbol.asyncDispose]: () => listener.drain() }
}

function tlsConfig(
  keys: readonly Certificate[],
  more: Partial<ServerTlsConfig> = {},
): ServerTlsConfig {
  return {
    disabled: false,
    keys: keys.map(({ certFile, keyFile }) => ({ publicKey: certFile, privateKey: keyFile })),
    caCerts: [],
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    curves: [],
    ciphers: [],
    enableMtls: false,
    disableSystemCaPool: true,
    ...more,
  }
}

const getHttps = (options: https.RequestOptions): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    https
      .get({ host: '127.0.0.1', agent: false, ...options }, async (response) => {
        let body = ''
        for await (const chunk of response) body += chunk
        resolve({ status: response.statusCode ?? 0, body })
      })
      .on('error', reject)
  })

/** One request by HTTP/2; `session` closes with it. */
async function overHttp2(
  authorityOf: string,
  headers: http2.OutgoingHttpHeaders,
  options: http2.SecureClientSessionOptions = {},
  body?: string,
): Promise<{ headers: http2.IncomingHttpHeaders; body: string }> {
  const session = http2.connect(authorityOf, options)
  try {
    const stream = session.request(headers)
    stream.end(body)
    const [got] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders]
    let all = ''
    for await (const chunk of stream) all += chunk
    return { headers: got, body: all }
  } finally {
    session.close()
  }
}

describe('HTTP/1.1', () => {
  test('requests sent ahead are answered one after the other, in order', async () => {
    const log: string[] = []
    await using listener = await open(async ({ path: place }) => {
      log.push(`begin ${place}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
      log.push(`end ${place}`)
      return text(place)
    })
    const connection = await rawConnection(listener.port)
    await connection.send([1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
    const received = await connection.until(/\/3$/)
    assert.deepEqual(log, ['begin /1', 'end /1', 'begin /2', 'end /2', 'begin /3', 'end /3'])
    assert.deepEqual(received.match(/\/\d(?=HTTP|$)/g), ['/1', '/2', '/3'])
    connection.socket.destroy()
  })

  test('a thousand requests sent ahead are all answered', async () => {
    await using listener = await open(async () => text('x'))
    const connection = await rawConnection(listener.port)
    await connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1000))
    await connection.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    assert.equal((await connection.closed()).split('HTTP/1.1 200').length - 1, 1001)
  })

  test('a client that hangs up cancels its request and leaves nothing in flight', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: reason, resolve: tell } = Promise.withResolvers<string>()
    await using listener = await open(
      (_request, deadline) =>
        new Promise((resolve) => {
          begin()
          deadline.whenOver(({ code }) => {
            tell(code)
            resolve({ status: 200, headers: [], body: { start() {}, resume() {}, destroy() {} } })
          })
        }),
    )
    const connection = await rawConnection(listener.port)
    await connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await begun
    assert.equal(listener.inFlight.value, 1)
    connection.socket.destroy()
    assert.equal(await reason, 'canceled')
    await new Promise(setImmediate)
    assert.equal(listener.inFlight.value, 0)
  })

  test('a status or header that cannot be sent is a 500 and a line in the log', async () => {
    for (const reply of [
      { status: 99, headers: [], body: 'x' },
      { status: 200, headers: ['X-Bad', 'a\u0001b'], body: Buffer.from('x') },
      { status: 200, headers: ['X Bad', 'a'], body: [Buffer.from('x')] },
    ]) {
      await using listener = await open(async () => reply)
      const connection = await rawConnection(listener.port)
      await connection.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      assert.match(await connection.closed(), /^HTTP\/1.1 500 /)
      assert.equal(listener.inFlight.value, 0)
      assert.equal(listener.problems.length, 1)
    }
  })

  test('several Host headers are refused', async () => {
    await using listener = await open(describeRequest)
    const connection = await rawConnection(listener.port)
    await connection.send('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')
    assert.match(await connection.closed(), /^HTTP\/1.1 400 /)
  })

  test('leave to send a body is given when somebody reads it, and not before', async () => {
    await using listener = await open(async (request) =>
      request.path === '/read' ? describeRequest(request, undefined as never) : text('no'),
    )
    const head = (place: string) =>
      `POST ${place} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n`
    const refused = await rawConnection(listener.port)
    await refused.send(head('/unread'))
    assert.match(await refused.closed(), /^HTTP\/1.1 200 /)
    const read = await rawConnection(listener.port)
    await read.send(head('/read'))
    await read.until(/^HTTP\/1.1 100 Continue\r\n\r\n$/)
    await read.send('body')
    assert.match(await read.until(/"sent":"body"/), /HTTP\/1.1 200 /)
    read.socket.destroy()
  })

  test('more than 2,000 header lines arrive whole', async () => {
    await using listener = await open(async ({ headers }) => text(String(headers.length / 2)))
    const connection = await rawConnection(listener.port)
    const lines = Array.from({ length: 5000 }, (_, n) => `x-${n}: ${n}\r\n`).join('')
    await connection.send(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`)
    assert.match(await connection.until(/\r\n\r\n\d+$/), /\r\n\r\n5001$/)
    connection.socket.destroy()
  })

  test('a length that somebody else named never frames a reply', async () => {
    for (const body of ['hello', Buffer.from('hello'), [Buffer.from('hel'), Buffer.from('lo')]]) {
      await using listener = await open(async () => ({
        ...{ status: 200, body },
        headers: ['content-Length', '3', 'X-A', '1', 'Content-Length', '99'],
      }))
      const connection = await rawConnection(listener.port)
      await connection.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      const reply = await connection.closed()
      assert.deepEqual(reply.match(/^content-length: .*$/gim), ['Content-Length: 5'])
      assert.match(reply, /\r\nX-A: 1\r\n[\s\S]*\r\n\r\nhello$/)
    }
  })

  test('says that a connection is kept only where a client cannot know', async () => {
    await using listener = await open(async () => text('x'))
    const asked = [
      ['HTTP/1.1', 'Accept: a', undefined],
      ['HTTP/1.1', 'Connection: keep-alive', undefined],
      ['HTTP/1.1', 'Connection: close', 'close'],
      ['HTTP/1.0', 'Connection: keep-alive', 'keep-alive'],
      ['HTTP/1.0', 'Accept: a', 'close'],
    ] as const
    for (const [version, header, said] of asked) {
      const connection = await rawConnection(listener.port)
      await connection.send(`GET / ${version}\r\nHost: a\r\n${header}\r\n\r\n`)
      const reply = await connection.until(/\r\n\r\nx$/)
      assert.equal(/^connection: (.*)\r$/im.exec(reply)?.[1], said, `${version} ${header}`)
      assert.doesNotMatch(reply, /keep-alive:/i)
      connection.socket.destroy()
    }
  })

  test('idle_timeout closes a connection that waits for its next request', async () => {
    await using listener = await open(async () => text('x'), { server: { idleMs: 100 } })
    const connection = await rawConnection(listener.port)
    await connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.match(await connection.closed(5000), /^HTTP\/1.1 200 /)
  })

  test('idle_timeout leaves a connection alone that is used, or that still gets its reply', async () => {
    await using listener = await open(
      async ({ path }) => text(path === '/long' ? LONG_TEXT : 'x'),
      { server: { idleMs: 200 } },
    )
    const connection = await rawConnection(listener.port)
    for (let asked = 1; asked <= 6; asked++) {
      await connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await connection.until(new RegExp(`(200 OK[^]*?){${asked}}\r\n\r\nx$`))
      await new Promise((resolve) => setTimeout(resolve, 80))
    }
    await connection.send('GET /long HTTP/1.1\r\nHost: a\r\n\r\n')
    connection.socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 500))
    connection.socket.resume()
    assert.equal(
      (await connection.closed(10_000)).split('\r\n\r\n').at(-1)?.length,
      LONG_TEXT.length,
    )
  })

  test('idle_timeout counts from the end of a body that nobody read', async () => {
    await using listener = await open(async () => text('x'), { server: { idleMs: 100 } })
    const connection = await rawConnection(listener.port)
    await connection.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345')
    await connection.until(/200 OK/)
    await connection.send('67890')
    assert.match(await connection.closed(5000), /x$/)
  })

  test('read_timeout closes a connection whose request takes longer', async () => {
    const read: Serve = (request, deadline) =>
      describeRequest(request, deadline).catch(() => text('broken'))
    await using listener = await open(read, { server: { readMs: 200 } })
    const connection = await rawConnection(listener.port)
    await connection.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
    assert.doesNotMatch(await connection.closed(5000), /200/)
  })

  test('write_timeout closes the connection of a reply that does not get out', async () => {
    await using listener = await open(
      async () => ({ status: 200, headers: [], body: Buffer.alloc(32 << 20) }),
      { server: { writeMs: 300 } },
    )
    const connection = await rawConnection(listener.port)
    await connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until(/^HTTP/)
    connection.socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 600))
    connection.socket.resume()
    assert.ok((await connection.closed()).length < 32 << 20)
  })
})

describe('HTTP/2 without TLS', () => {
  test('one port serves HTTP/1.1, HTTP/2 by preface and HTTP/2 by upgrade', async () => {
    await using listener = await open(describeRequest, { useH2c: true })
    const origin = `http://127.0.0.1:${listener.port}`
    const plain = (await (await fetch(`${origin}/a?b=c`)).json()) as { path: string }
    assert.equal(plain.path, '/a')
    const known = await overHttp2(origin, { ':path': '/a?b=c', ':method': 'POST' }, {}, 'text')
    assert.equal(known.headers[':status'], 200)
    const { method, path: place, rawQuery, host, sent } = JSON.parse(known.body)
    assert.deepEqual(
      { method, place, rawQuery, host, sent },
      {
        method: 'POST',
        place: '/a',
        rawQuery: 'b=c',
        host: `127.0.0.1:${listener.port}`,
        sent: 'text',
      },
    )
  })

  test('an upgraded request becomes stream 1 with its headers', async () => {
    const summary: Serve = async ({ path: place, rawQuery, host, headers }) =>
      text(`${place}?${rawQuery} ${host} ${headers.map((one) => one.length).join()}`)
    await using listener = await open(summary, { useH2c: true })
    const connection = await rawConnection(listener.port)
    await connection.send(
      `GET /up?x=1 HTTP/1.1\r\nHost: shop\r\nX-Long: ${'y'.repeat(40_000)}\r\nConnection: Upgrade, HTTP2-Settings\r\n` +
        'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    )
    await connection.until(/^HTTP\/1.1 101 Switching Protocols\r\n/)
    await connection.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    await connection.send('\0\0\0\x04\0\0\0\0\0')
    await connection.until(/\/up\?x=1 shop 6,40000/)
    connection.socket.destroy()
  })

  test('other upgrades, and upgrades with a body, are answered by HTTP/1.1', async () => {
    await using listener = await open(describeRequest, { useH2c: true })
    for (const lines of [
      'Connection: Upgrade\r\nUpgrade: websocket\r\n',
      'Connection: Upgrade\r\nUpgrade: h2c\r\n',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 1\r\n',
    ]) {
      const connection = await rawConnection(listener.port)
      await connection.send(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\nz`)
      await connection.until(/^HTTP\/1.1 200 /)
      connection.socket.destroy()
    }
  })

  test('a request in two pieces, and one that never comes, are told apart from HTTP/2', async () => {
    await using listener = await open(describeRequest, {
      useH2c: true,
      server: { readHeaderMs: 300 },
    })
    const slow = await rawConnection(listener.port)
    await slow.send('P')
    await slow.send('OST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok')
    await slow.until(/"sent":"ok"/)
    slow.socket.destroy()
    const silent = await rawConnection(listener.port)
    assert.equal(await silent.closed(), '')
  })

  test('without use_h2c a preface is garbage', async () => {
    await using listener = await open(describeRequest)
    const connection = await rawConnection(listener.port)
    await connection.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    assert.match(await connection.closed(), /^(HTTP\/1.1 400 .*)?$/s)
  })
})

describe('HTTP/2', () => {
  test('replies keep repeated headers, lose those of a connection, and HEAD has no body', async () => {
    const reply: Reply = {
      status: 200,
      headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Connection', 'close', 'Keep-Alive', 'x'],
      body: 'hello',
    }
    await using listener = await open(async () => reply, { useH2c: true })
    const origin = `http://127.0.0.1:${listener.port}`
    const got = await overHttp2(origin, { ':path': '/' })
    assert.deepEqual(got.headers['set-cookie'], ['a=1', 'b=2'])
    assert.equal(got.headers['connection'], undefined)
    assert.equal(got.body, 'hello')
    const head = await overHttp2(origin, { ':path': '/', ':method': 'HEAD' })
    assert.equal(head.headers['content-length'], '5')
    assert.equal(head.body, '')
  })

  test('read_timeout and write_timeout end the stream, idle_timeout the session', async () => {
    const limits = { readMs: 200, writeMs: 400, idleMs: 600 }
    const hang: Serve = (request, deadline) =>
      request.path === '/read'
        ? describeRequest(request, deadline).catch(() => text('broken'))
        : new Promise((resolve) => deadline.whenOver(() => resolve(text('late'))))
    await using listener = await open(hang, { useH2c: true, server: limits })
    const session = http2.connect(`http://127.0.0.1:${listener.port}`)
    session.on('error', () => {})
    const ended = new Promise((resolve) => session.once('close', resolve))
    for (const place of ['/read', '/write']) {
      const stream = session.request({ ':path': place, ':method': 'POST' })
      stream.on('error', () => {})
      if (place === '/read') stream.write('abc')
      else stream.end()
      await new Promise((resolve) => stream.once('close', resolve))
      assert.equal(stream.rstCode, http2.constants.NGHTTP2_CANCEL)
    }
    await ended
    assert.equal(listener.inFlight.value, 0)
  })

  test('a cookie sent in crumbs is one again', async () => {
    await using listener = await open(describeRequest, { useH2c: true })
    const got = await overHttp2(`http://127.0.0.1:${listener.port}`, {
      ':path': '/',
      cookie: ['a=1', 'b=2'],
    })
    const { headers } = JSON.parse(got.body)
    assert.deepEqual(headers, ['cookie', 'a=1; b=2'])
  })

  test('a stream that the client resets cancels its request', async () => {
    const { promise: reason, resolve: tell } = Promise.withResolvers<string>()
    await using listener = await open(
      (_request, deadline) =>
        new Promise((resolve) => {
          deadline.whenOver(({ code }) => {
            tell(code)
            resolve(text('late'))
          })
          stream.close(http2.constants.NGHTTP2_CANCEL)
        }),
      { useH2c: true },
    )
    const session = http2.connect(`http://127.0.0.1:${listener.port}`)
    const stream = session.request({ ':path': '/' })
    stream.on('error', () => {})
    assert.equal(await reason, 'canceled')
    session.close()
    await once(session, 'close')
    assert.equal(listener.inFlight.value, 0)
  })

  test('a client that opens and resets streams without end is told to go', async () => {
    const untilCanceled: Serve = (_request, deadline) =>
      new Promise((resolve) => deadline.whenOver(() => resolve(text('late'))))
    await using listener = await open(untilCanceled, { useH2c: true })
    const session = http2.connect(`http://127.0.0.1:${listener.port}`)
    session.on('error', () => {})
    const gone = new Promise((resolve) => session.once('close', resolve))
    const storm = () => {
      for (let count = 0; count < 200 && !session.closed && !session.destroyed; count++) {
        const stream = session.request({ ':path': '/' })
        stream.on('error', () => {})
        stream.close(http2.constants.NGHTTP2_CANCEL)
      }
      if (!session.closed && !session.destroyed) setImmediate(storm)
    }
    storm()
    await gone
    await listener.drain()
    assert.equal(listener.inFlight.value, 0)
  })

  test('a reply larger than the window waits for its reader', async () => {
    let isHeld = false
    let isEnded = false
    const chunk = Buffer.alloc(64 << 10)
    await using listener = await open(
      async () => {
        let left = 200
        let sink: { data(chunk: Buffer): boolean; end(): void } | undefined
        const pump = (): void => {
          while (left > 0) {
            left--
            if (!sink?.data(chunk)) {
              isHeld = true
              return
            }
          }
          if (!isEnded) sink?.end()
          isEnded = true
        }
        return {
          status: 200,
          headers: [],
          body: {
            start(to) {
              sink = to
              setImmediate(pump)
            },
            resume: pump,
            destroy() {},
          },
        }
      },
      { useH2c: true },
    )
    const session = http2.connect(`http://127.0.0.1:${listener.port}`)
    const stream = session.request({ ':path': '/' })
    await once(stream, 'response')
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.ok(isHeld && !isEnded)
    let size = 0
    for await (const piece of stream) size += piece.length
    assert.equal(size, 200 * chunk.length)
    session.close()
  })
})

describe('TLS', { skip: noOpenssl }, () => {
  const files = noOpenssl === false ? authority() : undefined
  const ca = files?.ca.cert ?? ''
  const issue = (file: string, names: readonly string[], kind?: 'ec' | 'rsa') => {
    if (files === undefined) throw new Error('no openssl')
    return files.issue(file, names, kind)
  }
  const first = noOpenssl === false ? issue('first', ['one.test', '127.0.0.1']) : undefined
  const pairs = (...all: (Certificate | undefined)[]) => all.filter((pair) => pair !== undefined)
  test.after(() => files?.[Symbol.dispose]())

  test('HTTP/1.1 and HTTP/2 are served, as the handshake chose', async () => {
    await using listener = await open(describeRequest, { tls: tlsConfig(pairs(first)) })
    const one = await getHttps({ port: listener.port, path: '/x', ca })
    assert.equal(JSON.parse(one.body).isEncrypted, true)
    const two = await overHttp2(`https://127.0.0.1:${listener.port}`, { ':path': '/y' }, { ca })
    assert.equal(JSON.parse(two.body).isEncrypted, true)
  })

  test('the certificate is the one for the name the client asked for, else the first', async () => {
    const second = issue('second', ['two.test', '*.wild.test'], 'rsa')
    await using listener = await open(describeRequest, { tls: tlsConfig(pairs(first, second)) })
    const subject = async (servername: string): Promise<string> => {
      const socket = tls.connect({
        port: listener.port,
        host: '127.0.0.1',
        servername,
        rejectUnauthorized: false,
      })
      await once(socket, 'secureConnect')
      const name = socket.getPeerCertificate().subject.CN
      socket.destroy()
      return String(name)
    }
    assert.equal(await subject('two.test'), 'two.test')
    assert.equal(await subject('a.wild.test'), 'two.test')
    assert.equal(await subject('one.test'), 'one.test')
    assert.equal(await subject('other.test'), 'one.test')
  })

  test('min_version and cipher_suites decide what is spoken', async () => {
    const rsa = issue('versions', ['127.0.0.1'], 'rsa')
    await using modern = await open(describeRequest, { tls: tlsConfig([rsa]) })
    await assert.rejects(getHttps({ port: modern.port, ca, maxVersion: 'TLSv1.2' }))
    await using old = await open(describeRequest, {
      tls: tlsConfig([rsa], { minVersion: 'TLSv1.2', ciphers: ['ECDHE-RSA-AES256-GCM-SHA384'] }),
    })
    const cipher = async (maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<string> => {
      const socket = tls.connect({ port: old.port, host: '127.0.0.1', ca, maxVersion })
      await once(socket, 'secureConnect')
      const { name } = socket.getCipher()
      socket.destroy()
      return name
    }
    assert.equal(await cipher('TLSv1.2'), 'ECDHE-RSA-AES256-GCM-SHA384')
    assert.match(await cipher('TLSv1.3'), /^TLS_/)
    await using ancient = await open(describeRequest, {
      tls: tlsConfig([rsa], { minVersion: 'TLSv1' }),
    })
    const socket = tls.connect({
      port: ancient.port,
      host: '127.0.0.1',
      ca,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await once(socket, 'secureConnect')
    assert.equal(socket.getProtocol(), 'TLSv1')
    socket.destroy()
  })

  test('enable_mtls lets in only clients with a certificate that it can check', async () => {
    const client = issue('client', ['client.test'])
    using others = authority()
    const stranger = others.issue('stranger', ['client.test'])
    const config = tlsConfig(pairs(first), {
      enableMtls: true,
      caCerts: [files?.ca.certFile ?? ''],
    })
    await using listener = await open(describeRequest, { tls: config })
    const to = { port: listener.port, ca }
    const known = await getHttps({ ...to, cert: client.cert, key: client.key })
    assert.equal(known.status, 200)
    await assert.rejects(getHttps(to))
    await assert.rejects(getHttps({ ...to, cert: stranger.cert, key: stranger.key }))
    assert.equal(listener.inFlight.value, 0)
  })

  test('files that are missing, broken or no pair stop the start and are named', async () => {
    const other = issue('other', ['other.test'])
    const broken = path.join(files?.dir ?? '', 'broken.pem')
    writeFileSync(broken, 'no certificate')
    const keyFile = first?.keyFile ?? ''
    const certFile = first?.certFile ?? ''
    const cases: [Partial<ServerTlsConfig>, RegExp][] = [
      [
        { keys: [{ publicKey: './none.pem', privateKey: keyFile }] },
        /none\.pem.*no such file or directory/,
      ],
      [{ keys: [{ publicKey: broken, privateKey: keyFile }] }, /broken\.pem holds no certificate/],
      [
        { keys: [{ publicKey: certFile, privateKey: broken }] },
        /broken\.pem holds no usable private key/,
      ],
      [
        { keys: [{ publicKey: certFile, privateKey: other.keyFile }] },
        /other\.key is not the private key of/,
      ],
      [{ enableMtls: true, caCerts: ['./no-ca.pem'] }, /no-ca\.pem.*no such file/],
      [{ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }, /min_version TLSv1.3 is above/],
      [{ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: ['RC4-SHA'] }, /cipher suites/],
    ]
    for (const [change, words] of cases) {
      const error = await open(describeRequest, { tls: tlsConfig(pairs(first), change) }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      assert.ok(error instanceof ConfigError, String(words))
      assert.match(error.message, words)
    }
  })

  test('renewed files are served to new connections; broken ones leave the old in place', {
    timeout: 20_000,
  }, async () => {
    const served = issue('served', ['renewed.test', '127.0.0.1'])
    await using listener = await open(describeRequest, { tls: tlsConfig([served]), checkMs: 20 })
    const serial = async (): Promise<string> => {
      const socket = tls.connect({
        port: listener.port,
        host: '127.0.0.1',
        ca,
        servername: 'renewed.test',
      })
      await once(socket, 'secureConnect')
      const { serialNumber } = socket.getPeerCertificate()
      socket.destroy()
      return serialNumber
    }
    const before = await serial()
    const until = async (words: RegExp) => {
      while (!listener.problems.some((line) => words.test(String(line))))
        await new Promise((resolve) => setTimeout(resolve, 20))
    }
    writeFileSync(served.certFile, 'half a file')
    await until(/the changed certificates are not used/)
    assert.equal(await serial(), before)
    const renewed = issue('renewed', ['renewed.test', '127.0.0.1'])
    copyFileSync(renewed.keyFile, served.keyFile)
    copyFileSync(renewed.certFile, served.certFile)
    await until(/the certificates were read again/)
    assert.notEqual(await serial(), before)
  })

  test('plain HTTP and garbage on a TLS port end in a closed connection', async () => {
    await using listener = await open(describeRequest, { tls: tlsConfig(pairs(first)) })
    for (const bytes of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\x16\x03\x01\xff\xff\x00']) {
      const connection = await rawConnection(listener.port)
      await connection.send(bytes)
      connection.socket.end()
      await connection.closed()
    }
    assert.equal((await getHttps({ port: listener.port, ca })).status, 200)
  })
})

describe('drain', () => {
  test('lets a client that reads slowly have its whole reply', async () => {
    const listener = await open(async () => text(LONG_TEXT))
    const connection = await rawConnection(listener.port)
    await connection.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until(/^HTTP/)
    connection.socket.pause()
    const drained = listener.drain()
    await new Promise((resolve) => setTimeout(resolve, 300))
    connection.socket.resume()
    assert.equal(
      (await connection.closed(10_000)).split('\r\n\r\n').at(-1)?.length,
      LONG_TEXT.length,
    )
    await drained
  })

  test('finishes what runs, closes what is idle or silent, and accepts nothing new', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: release, resolve: finish } = Promise.withResolvers<void>()
    const listener = await open(
      async ({ path: place }) => {
        if (place !== '/slow') return text('quick')
        begin()
        await release
        return text('finished')
      },
      { useH2c: true },
    )
    const agent = new http.Agent({ keepAlive: true })
    const quick = await new Promise<http.IncomingMessage>((resolve) =>
      http.get({ port: listener.port, host: '127.0.0.1', agent }, resolve),
    )
    quick.resume()
    await once(quick, 'end')
    const silent = await rawConnection(listener.port)
    const session = http2.connect(`http://127.0.0.1:${listener.port}`)
    const idle = http2.connect(`http://127.0.0.1:${listener.port}`)
    await Promise.all([once(idle, 'connect'), once(session, 'connect')])
    const slow = session.request({ ':path': '/slow' })
    await begun
    idle.on('error', () => {})
    const idleEnds = new Promise((resolve) => idle.once('close', resolve))
    const drained = listener.drain()
    await Promise.all([silent.closed(), idleEnds])
    await assert.rejects(rawConnection(listener.port))
    finish()
    let body = ''
    for await (const chunk of slow) body += chunk
    assert.equal(body, 'finished')
    await drained
    agent.destroy()
  })
})
