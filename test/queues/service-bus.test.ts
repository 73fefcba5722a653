import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { eventually } from '../support/eventually.ts'
import { packageMissing } from '../support/optional-package.ts'
import { startGateway } from '../support/start-gateway.ts'

const skip = packageMissing('@azure/service-bus') || packageMissing('rhea')
const fakeBus = async () => {
  const { FakeServiceBus } = await import('../support/fake-service-bus.ts')
  return await new FakeServiceBus().listen()
}
const endpoint = (path: string, extra_config: JsonObject, method = 'GET'): JsonObject => ({
  ...{ endpoint: path, method, timeout: '3s', input_headers: ['X-Name'] },
  backend: [
    {
      ...{ host: ['azuresb://'], disable_host_sanitize: true, url_pattern: '/' },
      extra_config,
    },
  ],
})
const CONFIG = {
  endpoints: [
    endpoint('/send', { 'backend/pubsub/publisher': { topic_url: 't' } }, 'POST'),
    endpoint('/next', {
      'backend/pubsub/subscriber': { subscription_url: 't?subscription=s&listener_timeout=500ms' },
    }),
  ],
}

describe('backend/pubsub on Azure Service Bus', { skip }, () => {
  for (const workers of [1, 4])
    it(`sends, and answers with each message once, with ${workers} request threads`, async () => {
      await using bus = await fakeBus()
      const env = { SERVICEBUS_CONNECTION_STRING: bus.connectionString }
      await using gateway = await startGateway(CONFIG, { env, workers })
      const headers = { connection: 'close', 'x-name': 'a b' }
      for (let number = 0; number < 8; number++) {
        const body = JSON.stringify({ n: number })
        const sent = await fetch(`${gateway.url}/send`, { method: 'POST', body, headers })
        assert.deepEqual([sent.status, await sent.text()], [200, 'null'])
      }
      assert.equal(bus.published[0]?.properties['X-Name'], 'a b')
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => fetch(`${gateway.url}/next`, { headers })),
      )
      const seen = await Promise.all(replies.map((reply) => reply.json() as Promise<JsonObject>))
      assert.deepEqual(seen.map((one) => one['n']).toSorted(), [0, 1, 2, 3, 4, 5, 6, 7])
      assert.equal(await gateway.stop(), 0)
      assert.equal(bus.settled.filter((one) => one.startsWith('accepted')).length, 8)
    })

  it('starts while the broker is away, gives back what it cannot read, and stops without it', async () => {
    await using bus = await fakeBus()
    await bus.away()
    const env = { SERVICEBUS_CONNECTION_STRING: bus.connectionString }
    await using gateway = await startGateway(CONFIG, { env })
    const next = async () => (await fetch(`${gateway.url}/next`)).status
    const send = async () =>
      (await fetch(`${gateway.url}/send`, { method: 'POST', body: '{"a":1}' })).status
    assert.deepEqual(await Promise.all([next(), send()]), [500, 500])
    await bus.listen()
    await eventually('it sends', async () => (await send()) === 200)
    assert.equal(await next(), 200)
    bus.put('no json')
    assert.equal(await next(), 500)
    await eventually('it came back', () => bus.settled.includes('released no json'))
    await bus.away()
    assert.equal(await next(), 500)
    assert.ok(!gateway.output().includes('a2V5'), 'the key is not printed')
    const beforeMs = performance.now()
    assert.equal(await gateway.stop(), 0)
    assert.ok(performance.now() - beforeMs < 10_000)
  })
})
