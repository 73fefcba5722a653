import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { rawConnection } from '../support/raw-connection.ts'
import { flood } from '../support/raw-upstream.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'

const MB = 1 << 20
const GB = 1 << 30
const CHUNK = Buffer.alloc(64 << 10, 'x')
/** 10 GB where there is time for it. */
const HUGE = process.env['TEST_LONG'] === '1' ? 10 * GB : GB
const isLinux = process.platform === 'linux'
const skip = isLinux ? false : 'memory is read from /proc'

/** Bodies of any size through the real command. */
describe('streaming', { skip }, () => {
  let gateway: RunningGateway
  const upstream = createServer(answer)
  /** Bytes that the upstream got rid of, and has read, since the last reset. */
  let written = 0
  let read = 0

  function answer(incoming: IncomingMessage, response: import('node:http').ServerResponse): void {
    const url = new URL(incoming.url ?? '/', 'http://upstream')
    incoming.on('error', () => {})
    response.on('error', () => {})
    if (url.pathname === '/download') send(response, Number(url.searchParams.get('bytes')))
    else if (url.pathname === '/echo') incoming.pipe(response)
    else if (url.pathname === '/gzip') {
      response.setHeader('Content-Encoding', 'gzip')
      response.setHeader('Content-Type', 'text/plain')
      const gzip = createGzip({ level: 1 })
      gzip.pipe(response)
      let left = Number(url.searchParams.get('bytes'))
      const pump = (): void => {
        while (left > 0) {
          left -= CHUNK.length
          if (!gzip.write(CHUNK)) {
            gzip.once('drain', pump)
            return
          }
        }
        gzip.end()
      }
      pump()
    } else if (url.pathname === '/zipped-json') {
      response.setHeader('Content-Encoding', 'gzip')
      response.end(
        gzipSync(JSON.stringify({ text: 'x'.repeat(Number(url.searchParams.get('bytes'))) })),
      )
    } else if (url.pathname === '/hold') incoming.pause()
    else {
      incoming.on('data', (chunk: Buffer) => {
        read += chunk.length
      })
      incoming.on('end', () => {
        response.setHeader('Content-Type', 'application/json')
        response.end(`{"bytes":${read}}`)
      })
    }
  }
  function send(response: import('node:http').ServerResponse, bytes: number): void {
    response.setHeader('Content-Length', bytes)
    response.setHeader('Content-Type', 'application/octet-stream')
    const pump = (): void => {
      while (written < bytes && !response.destroyed) {
        written += CHUNK.length
        if (!response.write(CHUNK)) {
          response.once('drain', pump)
          return
        }
      }
      response.end()
    }
    pump()
  }

  before(async () => {
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const host = [`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`]
    const noOp = (endpoint: string, method = 'GET') => ({
      endpoint,
      method,
      output_encoding: 'no-op',
      input_query_strings: ['bytes'],
      backend: [{ host, url_pattern: endpoint, encoding: 'no-op' }],
    })
    const decoding = { host, url_pattern: '/upload' }
    gateway = await startGateway(
      {
        timeout: '300s',
        endpoints: [
          noOp('/download'),
          noOp('/gzip'),
          noOp('/upload', 'POST'),
          noOp('/echo', 'POST'),
          noOp('/hold', 'POST'),
          {
            ...noOp('/zipped-json'),
            output_encoding: 'json',
            backend: [{ host, url_pattern: '/zipped-json' }],
          },
          { endpoint: '/one', method: 'POST', backend: [decoding] },
          { endpoint: '/merge', method: 'POST', backend: [decoding, { ...decoding, group: 'b' }] },
          { endpoint: '/concurrent', method: 'POST', concurrent_calls: 2, backend: [decoding] },
          {
            endpoint: '/shadow',
            method: 'POST',
            backend: [decoding, { ...decoding, extra_config: { proxy: { shadow: true } } }],
          },
        ],
      },
      {
        admin: true,
        args: [
          '--max-decode-bytes',
          String(4 * MB),
          '--max-request-bytes',
          String(MB),
          '--max-request-bytes-total',
          String(3 * MB),
        ],
      },
    )
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    upstream.closeAllConnections()
    upstream.close()
  })

  const residentMb = (): number => {
    const status = readFileSync(`/proc/${gateway.process.child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  }
  /** Runs `work` twice, a small one to warm up, and gives back how much memory the second took on top, at its peak. */
  async function peakMb(
    warmUp: () => Promise<unknown>,
    work: () => Promise<unknown>,
  ): Promise<number> {
    for (let count = 0; count < 3; count++) await warmUp()
    await wait(300)
    const before = residentMb()
    let peak = before
    const timer = setInterval(() => {
      peak = Math.max(peak, residentMb())
    }, 20)
    await work()
    clearInterval(timer)
    return peak - before
  }
  async function download(place: string): Promise<number> {
    written = 0
    const sent = request(`${gateway.url}${place}`).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    assert.equal(response.statusCode, 200)
    let size = 0
    for await (const chunk of response) size += chunk.length
    return size
  }
  async function upload(place: string, bytes: number): Promise<{ status: number; body: string }> {
    read = 0
    const sent = request(`${gateway.url}${place}`, {
      method: 'POST',
      headers: { 'Content-Length': bytes },
    })
    sent.on('error', () => {})
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>
    if (sent.socket === null) await once(sent, 'socket')
    let left = bytes
    const pump = (): void => {
      while (left > 0 && !sent.destroyed) {
        left -= CHUNK.length
        if (!sent.write(CHUNK)) {
          sent.once('drain', pump)
          return
        }
      }
      sent.end()
    }
    pump()
    const [response] = await answered
    let body = ''
    for await (const chunk of response) body += chunk
    sent.destroy()
    return { status: response.statusCode ?? 0, body }
  }

  test('a download through no-op takes under 50 MB more', async () => {
    const more = await peakMb(
      () => download(`/download?bytes=${64 * MB}`),
      async () => assert.equal(await download(`/download?bytes=${HUGE}`), HUGE),
    )
    assert.ok(more < 50, `${more} MB more`)
  })

  test('an upload through no-op takes under 50 MB more', async () => {
    const more = await peakMb(
      () => upload('/upload', 64 * MB),
      async () =>
        assert.deepEqual(await upload('/upload', HUGE), { status: 200, body: `{"bytes":${HUGE}}` }),
    )
    assert.ok(more < 50, `${more} MB more`)
  })

  test('an upload to one decoding backend streams as well', async () => {
    const more = await peakMb(
      () => upload('/one', 64 * MB),
      async () => assert.equal((await upload('/one', HUGE)).status, 200),
    )
    assert.ok(more < 50, `${more} MB more`)
    assert.equal(read, HUGE)
  })

  test('a gzip answer that the client did not ask for is unpacked on the way', async () => {
    const more = await peakMb(
      () => download(`/gzip?bytes=${16 * MB}`),
      async () => assert.equal(await download(`/gzip?bytes=${256 * MB}`), 256 * MB),
    )
    assert.ok(more < 50, `${more} MB more`)
  })

  test('what was sent comes back byte for byte, by sockets that are full most of the time', async () => {
    const bytes = randomBytes(32 * MB)
    for (const headers of [
      { 'Content-Length': bytes.length },
      { 'Transfer-Encoding': 'chunked' },
    ]) {
      const sent = request(`${gateway.url}/echo`, { method: 'POST', headers })
      sent.end(bytes)
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      const chunks: Buffer[] = []
      for await (const chunk of response) {
        chunks.push(chunk)
        if (chunks.length % 50 === 0) await wait(5)
      }
      assert.ok(bytes.equals(Buffer.concat(chunks)))
    }
  })

  test('a reader that stops holds the upstream back', async () => {
    written = 0
    const sent = request(`${gateway.url}/download?bytes=${GB}`).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.pause()
    await wait(700)
    const held = written
    await wait(300)
    assert.equal(written, held)
    assert.ok(held < 64 * MB, `${held} bytes on the way`)
    sent.destroy()
  })

  test('an upstream that stops reading holds the client back', async () => {
    const connection = await rawConnection(gateway.port)
    await connection.send(`POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: ${GB}\r\n\r\n`)
    flood(connection.socket, CHUNK, GB)
    await wait(700)
    const held = connection.socket.bytesWritten - connection.socket.writableLength
    await wait(300)
    assert.equal(connection.socket.bytesWritten - connection.socket.writableLength, held)
    assert.ok(held < 64 * MB, `${held} bytes on the way`)
    connection.socket.destroy()
  })

  test('decoded bodies are limited, counted after gunzip', async () => {
    const small = await fetch(`${gateway.url}/zipped-json?bytes=${3 * MB}`)
    assert.equal(small.status, 200)
    await small.arrayBuffer()
    const large = await fetch(`${gateway.url}/zipped-json?bytes=${5 * MB}`)
    assert.equal(large.status, 500)
    await large.arrayBuffer()
    // Lines are written in batches.
    while (!/larger than 4194304 bytes/.test(gateway.output())) await wait(20)
  })

  for (const place of ['/merge', '/concurrent', '/shadow'])
    test(`${place} holds bodies up to --max-request-bytes: 413, closed, the rest unread`, async () => {
      const fits = await upload(place, MB)
      assert.equal(fits.status, 200)
      for (const framing of [`Content-Length: ${10 * GB}`, 'Transfer-Encoding: chunked']) {
        const connection = await rawConnection(gateway.port)
        await connection.send(`POST ${place} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`)
        const isChunked = framing.startsWith('T')
        const piece = isChunked
          ? Buffer.concat([
              Buffer.from(`${CHUNK.length.toString(16)}\r\n`),
              CHUNK,
              Buffer.from('\r\n'),
            ])
          : CHUNK
        flood(connection.socket, piece, 10 * GB)
        assert.match(await connection.closed(), /^HTTP\/1\.1 413 /)
        assert.ok(connection.socket.bytesWritten - connection.socket.writableLength < GB)
      }
    })

  test('bodies held at once are limited for the process, and given back', async () => {
    const begin = async () => {
      const connection = await rawConnection(gateway.port)
      await connection.send(`POST /merge HTTP/1.1\r\nHost: a\r\nContent-Length: ${MB}\r\n\r\n`)
      await connection.send('x'.repeat(MB - 1))
      return connection
    }
    const held = [await begin(), await begin(), await begin()]
    await wait(200)
    const [last] = [await begin()]
    assert.match(await last.closed(), /^HTTP\/1\.1 413 /)
    for (const connection of held) connection.socket.destroy()
    await wait(200)
    assert.equal((await upload('/merge', MB)).status, 200)
  })
})
