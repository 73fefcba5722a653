import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type HttpServer, startHttpServer } from '../support/http-server.ts'
import { rawConnection } from '../support/raw-connection.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'

/** The real command against clients that send what no client should. After each, it must be as before. */
describe('bad clients', () => {
  let upstream: HttpServer
  let gateway: RunningGateway
  const reached: string[] = []

  before(async () => {
    upstream = await startHttpServer((request, response) => {
      reached.push(`${request.method} ${request.url}`)
      request.on('error', () => {})
      request.resume()
      request.on('end', () => {
        response.setHeader('Content-Type', 'application/json')
        response.end('{"ok":true}')
      })
    })
    const backend = [{ host: [upstream.url], url_pattern: '/up', encoding: 'no-op' }]
    gateway = await startGateway(
      {
        read_header_timeout: '500ms',
        max_header_bytes: 16_384,
        timeout: '800ms',
        endpoints: [
          { endpoint: '/json', backend: [{ host: [upstream.url], url_pattern: '/up' }] },
          { endpoint: '/p/{id}', backend: [{ host: [upstream.url], url_pattern: '/p/{id}' }] },
          { endpoint: '/no-op', method: 'POST', output_encoding: 'no-op', backend },
        ],
      },
      { admin: true },
    )
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    await upstream.close()
  })

  const inFlight = async (): Promise<number> => {
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    return Number(/^gateway_requests_in_flight (\d+)/m.exec(metrics)?.[1])
  }
  /** It still answers, nothing is left in flight, no thread was replaced. */
  const isWell = async (): Promise<void> => {
    const { ok } = (await (await fetch(`${gateway.url}/json`)).json()) as { ok: boolean }
    assert.equal(ok, true)
    for (let tries = 0; tries < 40 && (await inFlight()) > 0; tries++) await wait(50)
    assert.equal(await inFlight(), 0)
    assert.doesNotMatch(gateway.output(), /THREAD|panic|Unhandled/)
  }
  /** Sends `bytes` and gives back what came until the connection ended. */
  const answerTo = async (bytes: string, limitMs?: number): Promise<string> => {
    const connection = await rawConnection(gateway.port)
    await connection.send(bytes)
    return connection.closed(limitMs)
  }
  /** The gateway ends it: with a status that says why, or without a word. */
  const isRefused = async (bytes: string, status = /^HTTP\/1\.1 4\d\d /): Promise<void> => {
    const answer = await answerTo(bytes)
    if (answer !== '') assert.match(answer, status)
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length ?? 0, answer === '' ? 0 : 1)
    await isWell()
  }

  const GARBAGE = {
    'bytes that are no HTTP': '\x00\x01\x02\xff\xfe garbage \r\n\r\n',
    'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on \r\n\r\n',
    'an unknown method with blanks': 'GE T / HTTP/1.1\r\nHost: a\r\n\r\n',
    'a version that does not exist': 'GET /json HTTP/9.9\r\nHost: a\r\n\r\n',
    'no Host': 'GET /json HTTP/1.1\r\n\r\n',
    'several Hosts': 'GET /json HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'a Host that is none': 'GET /json HTTP/1.1\r\nHost: a b\r\n\r\n',
    'a Host of other letters': 'GET /json HTTP/1.1\r\nHost: b\xc3\xbccher\r\n\r\n',
    'HTTP/2.0 as text': 'GET /json HTTP/2.0\r\nHost: a\r\n\r\n',
    'no version': 'GET /json\r\n\r\n',
    'a blank before the colon': 'GET /json HTTP/1.1\r\nHost : a\r\n\r\n',
    'a folded header': 'GET /json HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n',
    'a NUL in a header': 'GET /json HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n',
    'a bare CR in a header': 'GET /json HTTP/1.1\r\nHost: a\r\nX-A: b\rX-B: c\r\n\r\n',
    'a NUL in the path': 'GET /js\0on HTTP/1.1\r\nHost: a\r\n\r\n',
  }
  for (const [what, bytes] of Object.entries(GARBAGE))
    test(`${what}: refused`, () => isRefused(bytes))

  const SMUGGLING = {
    'two lengths': 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    'the same length twice': 'Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    'a list of lengths': 'Content-Length: 3, 3\r\n\r\nabc',
    'a length with a sign': 'Content-Length: +3\r\n\r\nabc',
    'a length below zero': 'Content-Length: -3\r\n\r\nabc',
    'a length beyond all numbers': 'Content-Length: 99999999999999999999999\r\n\r\nabc',
    'length and chunks':
      'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
    'chunks and length':
      'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
    'chunked, but not last':
      'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
    'an unknown coding':
      'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
    'chunked twice':
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
    'a chunk size that is no number': 'Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n',
    'a chunk longer than it says': 'Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n',
  }
  for (const [what, rest] of Object.entries(SMUGGLING))
    test(`${what}: refused, and nothing behind it is a request`, async () => {
      reached.length = 0
      const answer = await answerTo(`POST /no-op HTTP/1.1\r\nHost: a\r\n${rest}`, 5000)
      assert.ok(!reached.some((line) => line.includes('smuggled')))
      assert.doesNotMatch(answer, /HTTP\/1\.1 (2|404)/)
      await isWell()
    })

  test('a header bomb and an over-long line: 431 and the end', async () => {
    const many = Array.from({ length: 2000 }, (_, n) => `x-header-${n}: value`).join('\r\n')
    await isRefused(`GET /json HTTP/1.1\r\nHost: a\r\n${many}\r\n\r\n`, /^HTTP\/1\.1 431 /)
    await isRefused(
      `GET /json HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    )
    await isRefused(
      `GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      /^HTTP\/1\.1 4(31|14) /,
    )
  })

  test('half a request, and headers that drip: closed after read_header_timeout', async () => {
    const startMs = performance.now()
    await isRefused('GET /json HTTP/1.1\r\nHost: a\r\nX-Half: ', /^HTTP\/1\.1 408 /)
    assert.ok(performance.now() - startMs < 4000)
    const dripping = await rawConnection(gateway.port)
    await dripping.send('GET /json HTTP/1.1\r\nHost: a\r\nX-Drip: ')
    const timer = setInterval(() => void dripping.send('x'), 50)
    await dripping.closed(5000)
    clearInterval(timer)
    await isWell()
  })

  test('a body that drips: the endpoint runs out of time and the connection ends', async () => {
    for (const place of ['/no-op', '/json']) {
      const slow = await rawConnection(gateway.port)
      const method = place === '/json' ? 'GET' : 'POST'
      await slow.send(`${method} ${place} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n`)
      const timer = setInterval(() => void slow.send('x'), 50)
      assert.match(await slow.closed(6000), /^HTTP\/1\.1 (500|200) /)
      clearInterval(timer)
      await isWell()
    }
  })

  test('a client that hangs up, before and within its request, leaves nothing behind', async () => {
    for (const bytes of [
      '',
      'GET /json HT',
      'POST /no-op HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc',
      'POST /no-op HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    ]) {
      const connection = await rawConnection(gateway.port)
      if (bytes !== '') await connection.send(bytes)
      connection.socket.resetAndDestroy()
    }
    await isWell()
  })

  test('an absolute address is its path, with its own host', async () => {
    const answer = await answerTo(
      'GET http://other.test/json?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    assert.match(answer, /^HTTP\/1\.1 200 /)
    const path = 'GET //other.test/json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    assert.match(await answerTo(path), /^HTTP\/1\.1 (301|404) /)
    assert.match(
      await answerTo('CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n'),
      /^HTTP\/1\.1 4\d\d /,
    )
    await isWell()
  })

  test('encoded paths reach no other upstream path than the pattern allows', async () => {
    reached.length = 0
    for (const id of [
      '..%2fsecret',
      '%2e%2e%2fsecret',
      'a%3fb%3dc',
      'a%23b',
      '%zz',
      '%',
      '%00',
      '%0d%0aX:%20y',
      '%ff',
    ])
      assert.match(
        await answerTo(`GET /p/${id} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
        /^HTTP\/1\.1 (200|400|404|500) /,
        id,
      )
    for (const line of reached) assert.match(line, /^GET \/p\/[^/?#\s]+$/)
    await isWell()
  })

  test('a thousand bad connections at once leave it well', async () => {
    const kinds = [...Object.values(GARBAGE), 'GET /json HTTP/1.1\r\nHost: a\r\n', '']
    await Promise.all(
      Array.from({ length: 1000 }, async (_, at) => {
        const connection = await rawConnection(gateway.port)
        await connection.send(kinds[at % kinds.length] || ' ')
        if (at % 3 === 0) connection.socket.resetAndDestroy()
        await connection.closed(20_000)
      }),
    )
    await isWell()
  })
})
