import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { rawConnection } from '../support/raw-connection.ts'
import { flood, type RawUpstream, rawUpstream } from '../support/raw-upstream.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'

const CHUNK = Buffer.alloc(64 << 10, 'x')
const GB = 1 << 30
const BOMB = gzipSync(Buffer.alloc(200 << 20, ' '))

/** What the upstream says to `GET /NAME`. */
const ANSWERS: Record<string, (socket: Socket) => void> = {
  ok: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'),
  garbage: (socket) => socket.end('\x00\x01\x02 this is no HTTP \xff\r\n\r\n'),
  nothing: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
  hangs: () => {},
  'hangs-in-headers': (socket) => socket.write('HTTP/1.1 200 OK\r\nX-A: '),
  'hangs-in-body': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":'),
  'cut-in-headers': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'),
  'cut-in-body': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":1'),
  'cut-in-chunk': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n5\r\n1'),
  'too-long': (socket) =>
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"poisoned":true}',
    ),
  'two-lengths': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 11\r\n\r\n{"ok":true}'),
  'status-zero': (socket) => socket.end('HTTP/1.1 000 Zero\r\nContent-Length: 2\r\n\r\n{}'),
  'status-099': (socket) => socket.end('HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\n{}'),
  switching: (socket) =>
    socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  'continues-forever': (socket) =>
    flood(socket, Buffer.from('HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n'.repeat(1000)), 20 * GB),
  'bad-header': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nX-A: b\rc\r\nX B: c\r\nContent-Length: 2\r\n\r\n{}'),
  'header-flood': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    flood(socket, Buffer.from('X-Flood: xxxxxxxxxxxxxxxxxxxx\r\n'.repeat(1000)), 20 * GB)
  },
  'header-without-end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-Long: ')
    flood(socket, CHUNK, 20 * GB)
  },
  'ten-gigabytes': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${10 * GB}\r\n\r\n`)
    flood(socket, CHUNK, 10 * GB)
  },
  'gzip-bomb': (socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${BOMB.length}\r\n\r\n`,
    )
    socket.write(BOMB)
  },
  'no-gzip': (socket) =>
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 11\r\n\r\n{"ok":true}',
    ),
}

/** The real command against upstreams that answer what no upstream should. */
describe('bad upstreams', () => {
  let upstream: RawUpstream
  let gateway: RunningGateway

  before(async () => {
    upstream = await rawUpstream((socket, request) => {
      const [, name = ''] = /^GET \/([^ ?]*)/.exec(request) ?? []
      ANSWERS[name]?.(socket)
    })
    const backend = (encoding: string) => [
      { host: [upstream.url], url_pattern: '/{name}', encoding },
    ]
    gateway = await startGateway(
      {
        timeout: '1500ms',
        endpoints: [
          { endpoint: '/json/{name}', backend: backend('json') },
          { endpoint: '/no-op/{name}', output_encoding: 'no-op', backend: backend('no-op') },
          {
            endpoint: '/merge/{name}',
            backend: [
              ...backend('json'),
              { host: [upstream.url], url_pattern: '/ok', group: 'good' },
            ],
          },
        ],
      },
      { admin: true, args: ['--max-decode-bytes', '16777216'] },
    )
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    await upstream[Symbol.asyncDispose]()
  })

  const metric = async (name: string): Promise<number> => {
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1])
  }
  const isWell = async (): Promise<void> => {
    const { ok } = (await (await fetch(`${gateway.url}/json/ok`)).json()) as { ok: boolean }
    assert.equal(ok, true)
    for (let tries = 0; tries < 40 && (await metric('gateway_requests_in_flight')) > 0; tries++)
      await wait(50)
    assert.equal(await metric('gateway_requests_in_flight'), 0)
    assert.doesNotMatch(gateway.output(), /THREAD|Unhandled/)
  }
  const get = async (place: string): Promise<string> => {
    const connection = await rawConnection(gateway.port)
    await connection.send(`GET ${place} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    return connection.closed()
  }

  const FAILURES = Object.keys(ANSWERS).filter((name) => !['ok', 'too-long'].includes(name))
  for (const name of FAILURES)
    test(`${name}: an error on a decoding endpoint, the other part of a merge, nothing left behind`, async () => {
      const [alone, merged] = await Promise.all([get(`/json/${name}`), get(`/merge/${name}`)])
      assert.match(alone, /^HTTP\/1\.1 5\d\d /)
      assert.doesNotMatch(alone, /HTTP\/1\.1.*HTTP\/1\.1/s)
      assert.match(
        merged,
        /^HTTP\/1\.1 200 [\s\S]*X-Krakend-Completed: false[\s\S]*\{"good":\{"ok":true\}\}/,
      )
      await isWell()
    })

  test('bytes after an answer are never another request’s answer', async () => {
    for (let count = 0; count < 5; count++) {
      assert.match(await get('/json/too-long'), /\{"ok":true\}$/)
      assert.match(await get('/json/ok'), /\{"ok":true\}$/)
      assert.match(await get('/no-op/too-long'), /\{"ok":true\}$/)
      assert.doesNotMatch(await get('/no-op/ok'), /poisoned/)
    }
    await isWell()
  })

  const CUT = ['cut-in-body', 'cut-in-chunk', 'hangs-in-body']
  for (const name of CUT)
    test(`${name}: a no-op reply is cut as well, not completed`, async () => {
      const reply = await get(`/no-op/${name}`)
      assert.doesNotMatch(reply, /\r\n0\r\n\r\n$/)
      assert.match(reply, /^(HTTP\/1\.1 200 .*(Content-Length: 100|chunked).*)?$/is)
      await isWell()
    })

  test('a no-op client that hangs up mid-reply stops the upstream', async () => {
    const before = upstream.open()
    const connection = await rawConnection(gateway.port)
    await connection.send('GET /no-op/ten-gigabytes HTTP/1.1\r\nHost: a\r\n\r\n')
    await connection.until(/^HTTP\/1\.1 200 /)
    connection.socket.destroy()
    for (let tries = 0; tries < 60 && upstream.open() > before; tries++) await wait(50)
    assert.ok(upstream.open() <= before)
    await isWell()
  })

  test('memory stays level, whatever comes', async () => {
    const round = async () => {
      for (const name of ['ten-gigabytes', 'gzip-bomb', 'header-flood'])
        assert.match(await get(`/json/${name}`), /^HTTP\/1\.1 500 /)
    }
    for (let count = 0; count < 8; count++) await round()
    const before = await metric('process_resident_memory_bytes')
    for (let count = 0; count < 8; count++) await round()
    const grownMb = ((await metric('process_resident_memory_bytes')) - before) / (1 << 20)
    assert.ok(grownMb < 100, `${grownMb} MB more`)
    await isWell()
  })
})
