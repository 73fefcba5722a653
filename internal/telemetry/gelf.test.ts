import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ConfigError } from '../errors.ts'
import { datagramsOf, openGelf } from './gelf.ts'

const config = (address: string, tcp = false) => ({
  'telemetry/gelf': { address, enable_tcp: tcp },
})

describe('telemetry/gelf', () => {
  it('opens nothing when it is not configured', () => assert.equal(openGelf({}), undefined))

  it('stops the start for an address without a port, with its place', () => {
    for (const address of ['graylog', 'graylog:', 'graylog:x', ':0', 'graylog:70000'])
      assert.throws(
        () => openGelf(config(address)),
        (error) => error instanceof ConfigError && /telemetry\/gelf".address/.test(error.message),
      )
  })

  it('sends one message a line over UDP, with the severity of its level', async () => {
    const server = createSocket('udp4')
    server.bind(0, '127.0.0.1')
    await once(server, 'listening')
    const gelf = openGelf(config(`127.0.0.1:${server.address().port}`), { now: () => 1500 })
    assert.ok(gelf !== undefined)
    const received = once(server, 'message')
    gelf.write('first\nsecond', 'ERROR')
    const [bytes] = (await received) as [Buffer]
    const { host, ...message } = JSON.parse(bytes.toString()) as Record<string, unknown>
    assert.equal(typeof host, 'string')
    assert.deepEqual(message, {
      version: '1.1',
      short_message: 'first',
      full_message: 'first\nsecond',
      timestamp: 1.5,
      level: 3,
      _facility: 'gateway',
    })
    gelf.close()
    server.close()
  })

  it('sends messages with a zero byte after each over TCP', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const connected = once(server, 'connection')
    const gelf = openGelf(config(`127.0.0.1:${port}`, true))
    assert.ok(gelf !== undefined)
    gelf.write('a')
    const [socket] = (await connected) as [import('node:net').Socket]
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    assert.equal(bytes.at(-1), 0)
    assert.equal(JSON.parse(bytes.subarray(0, -1).toString()).short_message, 'a')
    gelf.close()
    socket.destroy()
    server.close()
  })

  it('says once that a TCP server is not there, and counts the lines that go with it', async () => {
    const problems: string[] = []
    const problem = Promise.withResolvers<void>()
    let dropped = 0
    const gelf = openGelf(config('127.0.0.1:1', true), {
      onDropped: (lines) => {
        dropped += lines
      },
      onProblem: (message) => {
        problems.push(message)
        // The socket's 'close' follows its 'error'.
        setImmediate(() => setImmediate(problem.resolve))
      },
    })
    await problem.promise
    gelf?.write('lost')
    assert.equal(dropped, 1)
    assert.equal(problems.length, 1)
    gelf?.close()
  })

  it('cuts a long message into chunks that make it whole again', () => {
    const text = Array.from({ length: 4000 }, (_, at) => Math.sin(at).toString(36)).join('')
    const chunks = datagramsOf(Buffer.from(text))
    assert.ok(chunks.length > 1)
    for (const [at, chunk] of chunks.entries()) {
      assert.ok(chunk.length <= 1420)
      assert.deepEqual([...chunk.subarray(0, 2)], [0x1e, 0x0f])
      assert.deepEqual([chunk[10], chunk[11]], [at, chunks.length])
    }
    const packed = Buffer.concat(chunks.map((chunk) => chunk.subarray(12)))
    assert.equal(gunzipSync(packed).toString(), text)
  })

  it('gives up a message that no server could put together', () => {
    const noise = Buffer.from(Array.from({ length: 400_000 }, () => Math.random() * 256))
    assert.deepEqual(datagramsOf(noise), [])
  })
})
