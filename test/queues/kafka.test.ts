import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { eventually } from '../support/eventually.ts'
import { packageMissing } from '../support/optional-package.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'

const kafka = serverOrSkip('kafka')
const skip = packageMissing('@platformatic/kafka') || kafka.skip
const env = { env: { KAFKA_BROKERS: '127.0.0.1:9295' } }

const endpoint = (path: string, extraConfig: JsonObject, method = 'GET'): JsonObject => ({
  ...{ endpoint: path, method, timeout: '8s', input_headers: ['X-Key'] },
  backend: [
    {
      ...{ host: ['kafka://'], disable_host_sanitize: true, url_pattern: '/' },
      extra_config: extraConfig,
    },
  ],
})
const endpoints = (topic: string): JsonObject[] => [
  endpoint(
    '/send',
    { 'backend/pubsub/publisher': { topic_url: `${topic}?key_name=X-Key` } },
    'POST',
  ),
  endpoint('/next', {
    'backend/pubsub/subscriber': {
      subscription_url: `group-${topic}?topic=${topic}&offset=oldest`,
    },
  }),
]

describe('backend/pubsub on Kafka', { skip }, () => {
  before(() => kafka.start())
  after(() => kafka.stop())

  for (const workers of [1, 2])
    it(`publishes and takes each message once, also over a restart, with ${workers} request threads`, async () => {
      const topic = `topic-${workers}`
      const start = () => startGateway({ endpoints: endpoints(topic) }, { ...env, workers })
      const next = async (url: string) =>
        (
          (await (
            await fetch(`${url}/next`, { headers: { connection: 'close' } })
          ).json()) as JsonObject
        )['n']
      {
        await using gateway = await start()
        const send = async (number: number) =>
          (
            await fetch(`${gateway.url}/send`, {
              ...{ method: 'POST', body: `{"n":${number}}`, headers: { 'x-key': 'k' } },
            })
          ).status
        await eventually('it publishes', async () => (await send(0)) === 200)
        for (let number = 1; number < 6; number++) assert.equal(await send(number), 200)
        const seen: unknown[] = []
        for (let number = 0; number < 3; number++) seen.push(await next(gateway.url))
        assert.deepEqual(seen, [0, 1, 2])
        assert.equal(await gateway.stop(), 0)
      }
      await using gateway = await start()
      assert.equal(await next(gateway.url), 3)
      assert.equal(await gateway.stop(), 0)
    })

  it('refuses what is too large for the broker, without harm for others', async () => {
    await using gateway = await startGateway({ endpoints: endpoints('large') }, env)
    const put = async (body: string | Buffer) => {
      const reply = await fetch(`${gateway.url}/send`, { method: 'POST', body })
      await reply.bytes()
      return reply.status
    }
    await eventually('it publishes', async () => (await put('first')) === 200)
    const all = await Promise.all([put(Buffer.alloc(2 ** 21)), ...Array(10).fill('x').map(put)])
    assert.deepEqual(all, [500, ...Array(10).fill(200)])
    assert.equal(await put('last'), 200)
    assert.match(gateway.output(), /larger than the max message size/)
  })

  it('fails while Kafka is away, and works again when it is back', async () => {
    await using gateway = await startGateway({ endpoints: endpoints('away') }, env)
    const send = async () =>
      (await fetch(`${gateway.url}/send`, { method: 'POST', body: '{"n":1}' })).status
    await eventually('it publishes', async () => (await send()) === 200)
    await kafka.stop()
    assert.equal(await send(), 500)
    await kafka.start()
    await eventually('it publishes again', async () => (await send()) === 200)
    await eventually(
      'it takes again',
      async () => (await fetch(`${gateway.url}/next`)).status === 200,
    )
    assert.equal(await gateway.stop(), 0)
  })
})
