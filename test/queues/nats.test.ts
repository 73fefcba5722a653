import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { eventually } from '../support/eventually.ts'
import { packageMissing } from '../support/optional-package.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'
import { tcpRelay } from '../support/tcp-relay.ts'

const PORT = 9290
const nats = serverOrSkip('nats')
const skip = packageMissing('@nats-io/transport-node') || nats.skip

const endpoint = (
  path: string,
  extraConfig: JsonObject,
  { method = 'GET', timeout = '3s' } = {},
): JsonObject => ({
  ...{ endpoint: path, method, timeout, input_headers: ['X-Name'] },
  backend: [
    {
      ...{ host: ['nats://'], disable_host_sanitize: true, url_pattern: '/' },
      extra_config: extraConfig,
    },
  ],
})
const publisher = (topic_url: string): JsonObject => ({ 'backend/pubsub/publisher': { topic_url } })
const subscriber = (subscription_url: string): JsonObject => ({
  'backend/pubsub/subscriber': { subscription_url },
})
const env = (port = PORT) => ({ env: { NATS_SERVER_URL: `nats://127.0.0.1:${port}` } })

/** A client of the text protocol: what the server sends it, as it is. */
async function rawClient(...commands: readonly string[]) {
  const socket = connect(PORT, '127.0.0.1')
  let seen = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    seen += text
    if (text.includes('PING')) socket.write('PONG\r\n')
  })
  socket.write(
    `CONNECT {"verbose":false,"headers":true}\r\n${commands.map((one) => `${one}\r\n`).join('')}PING\r\n`,
  )
  await eventually('the server answers', () => seen.includes('PONG'))
  return {
    seen: () => seen,
    send: (subject: string, body: string) =>
      socket.write(`PUB ${subject} ${Buffer.byteLength(body)}\r\n${body}\r\n`),
    [Symbol.dispose]: () => socket.destroy(),
  }
}

describe('backend/pubsub on NATS', { skip }, () => {
  before(() => nats.start())
  after(() => nats.stop())

  for (const workers of [1, 4])
    it(`answers with the next message, each once, with ${workers} request threads`, async () => {
      await using gateway = await startGateway(
        { endpoints: [endpoint('/next', subscriber(`plain.${workers}`))] },
        { ...env(), workers },
      )
      using client = await rawClient()
      await eventually('it subscribed', () => gateway.output().includes('connected'))
      for (let number = 0; number < 8; number++) client.send(`plain.${workers}`, `{"n":${number}}`)
      const seen: unknown[] = []
      for (let number = 0; number < 8; number++) {
        const reply = await fetch(`${gateway.url}/next`, { headers: { connection: 'close' } })
        seen.push(((await reply.json()) as JsonObject)['n'])
      }
      assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7])
      assert.equal(await gateway.stop(), 0)
    })

  it('carries the headers as KrakenD does: in gob, or in those of NATS with natsv2', async () => {
    await using gateway = await startGateway(
      {
        endpoints: [
          endpoint('/gob', publisher('made.gob'), { method: 'POST' }),
          endpoint('/v2', publisher('made.v2?natsv2'), { method: 'POST' }),
          endpoint('/back', subscriber('made.gob')),
        ],
      },
      env(),
    )
    using client = await rawClient('SUB made.* 1')
    const send = (path: string) =>
      fetch(gateway.url + path, { method: 'POST', body: '{"a":1}', headers: { 'x-name': 'a b' } })
    await eventually('all are connected', () => gateway.output().split('connected').length > 3)
    const reply = await send('/gob')
    assert.deepEqual([reply.status, await reply.text()], [200, 'null'])
    assert.equal((await send('/v2')).status, 200)
    await eventually('both came', () => client.seen().split('{"a":1}').length === 3)
    assert.match(client.seen(), /MSG made\.gob 1 \d+\r\n\r\x7f\x04\x01\x02.*X-Name\x03a b/s)
    assert.match(client.seen(), /HMSG made\.v2 1 \d+ \d+\r\nNATS\/1\.0\r\n.*X-Name: a\+b\r\n/s)
    const back = await fetch(`${gateway.url}/back`)
    assert.deepEqual([back.status, await back.text()], [200, '{"a":1}'])
  })

  it('loses what it cannot read, and keeps what came too late for a request', async () => {
    await using gateway = await startGateway(
      { endpoints: [endpoint('/next', subscriber('late'), { timeout: '300ms' })] },
      env(),
    )
    using client = await rawClient()
    await eventually('it subscribed', () => gateway.output().includes('connected'))
    assert.equal((await fetch(`${gateway.url}/next`)).status, 500)
    client.send('late', 'no json')
    client.send('late', '{"kept":1}')
    await eventually(
      'both were seen',
      async () => (await fetch(`${gateway.url}/next`)).status === 200,
    )
    assert.equal((await fetch(`${gateway.url}/next`)).status, 500)
  })

  it('refuses what is too large for the server, without harm for others', async () => {
    await using gateway = await startGateway(
      { endpoints: [endpoint('/put', publisher('nats://large'), { method: 'POST' })] },
      env(),
    )
    const put = async (body: string | Buffer) => {
      const reply = await fetch(`${gateway.url}/put`, { method: 'POST', body })
      await reply.bytes()
      return reply.status
    }
    await eventually('it is connected', async () => (await put('first')) === 200)
    const all = await Promise.all([put(Buffer.alloc(2 ** 21)), ...Array(10).fill('x').map(put)])
    assert.deepEqual(all, [500, ...Array(10).fill(200)])
    assert.match(gateway.output(), /max_payload size exceeded/)
    assert.doesNotMatch(gateway.output(), /trying again/)
  })
  it('fails while the server is away, at its start as well, and works again when it is back', async () => {
    await using relay = await tcpRelay(PORT, true)
    await using gateway = await startGateway(
      {
        endpoints: [
          endpoint('/send', publisher('gone'), { method: 'POST' }),
          endpoint('/next', subscriber('gone')),
        ],
      },
      env(relay.port),
    )
    const send = async () =>
      (await fetch(`${gateway.url}/send`, { method: 'POST', body: '{}' })).status
    const next = async () => (await fetch(`${gateway.url}/next`)).status
    await eventually('both tried', () => gateway.output().split('trying again').length > 2)
    assert.deepEqual([await send(), await next()], [500, 500])
    for (let time = 0; time < 2; time++) {
      await relay.back()
      await eventually('it publishes', async () => (await send()) === 200)
      await eventually(
        'it subscribes',
        async () => (await send()) === 200 && (await next()) === 200,
      )
      await relay.away()
      await eventually('it fails', async () => (await send()) === 500)
    }
    assert.equal(await gateway.stop(), 0)
  })
})
