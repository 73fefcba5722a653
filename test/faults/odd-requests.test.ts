import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { type HttpServer, startHttpServer } from '../support/http-server.ts'
import { rawConnection } from '../support/raw-connection.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'

/** Requests that Node's parser refuses and Go's takes: answered as KrakenD does, on a connection that ends. */
describe('methods and targets that Node does not know', () => {
  let gateway: RunningGateway
  let upstream: HttpServer
  const asked: string[] = []

  before(async () => {
    upstream = await startHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.setHeader('Content-Type', 'application/json')
      response.end('{"ok":true}')
    })
    const backend = [{ host: [upstream.url], url_pattern: '/{x}' }]
    gateway = await startGateway(
      {
        endpoints: [
          { endpoint: '/p/{x}', backend },
          { endpoint: '/p/{x}', method: 'POST', backend },
        ],
      },
      { admin: true },
    )
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    await upstream.close()
  })

  /** All that comes until the connection ends. */
  async function answerTo(...pieces: readonly (string | Buffer)[]): Promise<string> {
    const connection = await rawConnection(gateway.port)
    const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
    await connection.send(bytes.toString('latin1'))
    return connection.closed()
  }
  const metrics = async () => (await fetch(`${gateway.adminUrl}/metrics`)).text()

  test('an unknown method gets 405 where the path is known and 404 where not, under one label', async () => {
    const known = await answerTo('FOO /p/1 HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.match(
      known,
      /^HTTP\/1\.1 405 [\s\S]*\r\nAllow: GET, POST\r\n[\s\S]*405 method not allowed$/,
    )
    assert.match(known, /\r\nConnection: close\r\n/)
    assert.match(await answerTo('foo /none HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 404 /)
    assert.match(await answerTo('X!Y * HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 404 /)
    const text = await metrics()
    assert.match(text, /\{endpoint="unmatched",method="_OTHER",status="405"\} 1\n/)
    assert.match(text, /\{endpoint="unmatched",method="_OTHER",status="404"\} 2\n/)
  })

  test('bytes beyond ASCII in a target go upstream escaped', async () => {
    const head = ' HTTP/1.1\r\nHost: a\r\n\r\n'
    assert.match(await answerTo('GET /p/é?q=ü', head), /^HTTP\/1\.1 200 [\s\S]*\{"ok":true\}$/)
    assert.match(await answerTo('GET /p/', Buffer.from([0xe9]), head), /^HTTP\/1\.1 200 /)
    assert.deepEqual(asked.splice(0), ['GET /%C3%A9', 'GET /%E9'])
  })

  test('nothing that follows is taken for a request', async () => {
    const hidden = 'GET /p/hidden HTTP/1.1\r\nHost: a\r\n\r\n'
    const framings = ['', `Content-Length: ${hidden.length}\r\n`, 'Transfer-Encoding: chunked\r\n']
    for (const framing of framings) {
      const answer = await answerTo(`FOO /p/1 HTTP/1.1\r\nHost: a\r\n${framing}\r\n`, hidden)
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1)
      assert.match(answer, /^HTTP\/1\.1 405 /)
    }
    assert.deepEqual(asked, [])
  })

  for (const [what, head] of Object.entries({
    'no Host': 'FOO /p/1 HTTP/1.1\r\n',
    'two Hosts': 'FOO /p/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n',
    'a header without a colon': 'FOO /p/1 HTTP/1.1\r\nHost: a\r\nno colon\r\n',
    'a folded header': 'FOO /p/1 HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n',
    'a space before the colon': 'FOO /p/1 HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n',
    'a line feed alone': 'FOO /p/1 HTTP/1.1\r\nHost: a\nA: b\r\n',
    'a control character in the target': 'FOO /p/\x01 HTTP/1.1\r\nHost: a\r\n',
    'a space in the target': 'GET /p/é x HTTP/1.1\r\nHost: a\r\n',
    'a target without a slash': 'FOO p HTTP/1.1\r\nHost: a\r\n',
    'a method that is no token': 'F@O /p/1 HTTP/1.1\r\nHost: a\r\n',
    'another version': 'FOO /p/1 HTTP/3.0\r\nHost: a\r\n',
    'a body behind a target beyond ASCII': 'POST /p/é HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n',
  }))
    test(`${what} is 400, and nobody is asked`, async () => {
      assert.match(await answerTo(`${head}\r\n`), /^HTTP\/1\.1 400 /)
      assert.deepEqual(asked, [])
    })

  /** The answer to a head that comes in pieces, each in a packet of its own. */
  async function answerToPackets(...pieces: readonly string[]): Promise<string> {
    const connection = await rawConnection(gateway.port)
    for (const piece of pieces) {
      await connection.send(piece)
      await setTimeout(20)
    }
    return connection.closed()
  }

  for (const [what, pieces, status] of [
    ['behind the method', ['FOO ', '/p/1 HTTP/1.1\r\nHost: a\r\n\r\n'], 405],
    ['in the version', ['foo /p/1 HTTP/', '1.1\r\nHost: a\r\n\r\n'], 405],
    ['in the headers', ['FOO /none HTTP/1.1\r\nHo', 'st: a\r', '\n\r', '\n'], 404],
    ['at each byte', [...'X * HTTP/1.0\r\n\r\n'], 404],
  ] as const)
    test(`a head that is split ${what} is answered like a whole one`, async () => {
      const answer = await answerToPackets(...pieces)
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1)
      assert.equal(asked.splice(0).length, 0)
    })

  test('on a kept connection, a head is that of the whole request or none', async () => {
    const first = 'GET /p/1 HTTP/1.1\r\nHost: a\r\n\r\n'
    const whole = await answerToPackets(first, 'FOO ', '/p/1 HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.match(whole, /^HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 405 /m)
    const half = await answerToPackets(first, 'PO', 'KE /p/1 HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.match(half, /^HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 400 /m)
    assert.doesNotMatch(half, / 405 /)
    assert.deepEqual(asked.splice(0), ['GET /1', 'GET /1'])
  })

  test('a split head with bytes beyond ASCII goes upstream escaped', async () => {
    const answer = await answerToPackets('GET /p/\xc3', '\xa9 HTTP/1.1\r\n', 'Host: a\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 200 /)
    assert.deepEqual(asked.splice(0), ['GET /%C3%A9'])
  })

  for (const [what, pieces] of [
    ['a method in two packets', ['PO', 'KE /p/1 HTTP/1.1\r\nHost: a\r\n\r\n']],
    ['garbage', ['\x16\x03\x01']],
    ['a request line that is none', ['FOO p HTTP/1.1\r\n']],
    ['a header that is none, in a later packet', ['FOO /p HTTP/1.1\r\n', 'x\r\n\r\n']],
  ] as const)
    test(`${what} is 400 before the time for heads is over`, async () => {
      assert.match(await answerToPackets(...pieces), /^HTTP\/1\.1 400 /)
      assert.deepEqual(asked, [])
    })

  test('a split head is bounded in size and in time', async () => {
    const limited = await startGateway({
      ...{ max_header_bytes: 1000, read_header_timeout: '300ms' },
      endpoints: [{ endpoint: '/a', backend: [{ host: [upstream.url], url_pattern: '/' }] }],
    })
    await using _limited = limited
    const slow = await rawConnection(limited.port)
    await slow.send('FOO /a HTTP/1.1\r\nHost: a\r\n')
    const large = await rawConnection(limited.port)
    await large.send(`FOO /a HTTP/1.1\r\nHost: a\r\nA: ${'x'.repeat(3000)}`)
    await setTimeout(20)
    await large.send('x'.repeat(3000))
    assert.match(await large.closed(), /^HTTP\/1\.1 431 /)
    const crumbs = await answerToPackets('FOO /', ...'x'.repeat(150))
    assert.match(crumbs, /^HTTP\/1\.1 431 /)
    assert.match(await slow.closed(), /^HTTP\/1\.1 408 /)
  })

  for (const [target, status] of [
    ['/p/1', 405],
    ['/none', 404],
    ['a:443', 404],
    ['[::1', 400],
  ] as const)
    test(`CONNECT ${target} is ${status}: a method like any other, and nothing is tunnelled`, async () => {
      const answer = await answerTo(`CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`, 'GET /p/2')
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
      assert.equal(/^Allow: GET, POST\r$/m.test(answer), status === 405)
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1)
      assert.deepEqual(asked, [])
    })

  test('an absolute target needs an authority that is one', async () => {
    const answers = ['http://a:1/p/1', 'http://[::1/p/1', 'http://a:x/p/1'].map(async (target) =>
      (await answerTo(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).slice(
        9,
        12,
      ),
    )
    assert.deepEqual(await Promise.all(answers), ['200', '400', '400'])
    assert.deepEqual(asked.splice(0), ['GET /1'])
  })

  test('clients that go on sending, or hang up, leave nothing behind', async () => {
    const flood = 'FOO /p/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n'
    const connections = await Promise.all(
      Array.from({ length: 50 }, () => rawConnection(gateway.port)),
    )
    for (const [at, connection] of connections.entries()) {
      await connection.send(flood)
      if (at % 2 === 0) connection.socket.destroy()
      else connection.socket.write('x'.repeat(1 << 20), () => {})
      connection.socket.on('error', () => {})
    }
    await eventually('no connection and no request is left', async () => {
      const text = await metrics()
      return /^gateway_connections 0$/m.test(text) && /^gateway_requests_in_flight 0$/m.test(text)
    })
    for (const { socket } of connections) socket.destroy()
  })
})
