import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { eventually } from '../support/eventually.ts'
import { FakeGoogle } from '../support/fake-google.ts'
import { startGateway } from '../support/start-gateway.ts'

const endpoint = (path: string, extra_config: JsonObject, method = 'GET'): JsonObject => ({
  ...{ endpoint: path, method, timeout: '2s', input_headers: ['X-Name'] },
  backend: [
    {
      ...{ host: ['gcppubsub://'], disable_host_sanitize: true, url_pattern: '/' },
      extra_config,
    },
  ],
})
const CONFIG = {
  endpoints: [
    endpoint('/send', { 'backend/pubsub/publisher': { topic_url: 'projects/p/topics/t' } }, 'POST'),
    endpoint('/next', { 'backend/pubsub/subscriber': { subscription_url: 'p/s' } }),
  ],
}

describe('backend/pubsub on Google Pub/Sub', () => {
  for (const workers of [1, 4])
    it(`sends, and answers with each message once, with ${workers} request threads`, async () => {
      await using google = await new FakeGoogle().listen()
      const env = { PUBSUB_EMULATOR_HOST: google.address }
      await using gateway = await startGateway(CONFIG, { env, workers })
      const headers = { connection: 'close', 'x-name': 'a b' }
      for (let number = 0; number < 8; number++) {
        const body = JSON.stringify({ n: number })
        const sent = await fetch(`${gateway.url}/send`, { method: 'POST', body, headers })
        assert.deepEqual([sent.status, await sent.text()], [200, 'null'])
      }
      assert.equal(google.published[0]?.attributes['X-Name'], 'a b')
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => fetch(`${gateway.url}/next`, { headers })),
      )
      const seen = await Promise.all(replies.map((reply) => reply.json() as Promise<JsonObject>))
      assert.deepEqual(seen.map((one) => one['n']).toSorted(), [0, 1, 2, 3, 4, 5, 6, 7])
      assert.equal(await gateway.stop(), 0)
      assert.equal(google.settled.filter((one) => one.startsWith('done')).length, 8)
    })

  it('starts while the server is away, gives back what it cannot read, and stays with the server', async () => {
    await using google = await new FakeGoogle().listen()
    await google.away()
    const env = { PUBSUB_EMULATOR_HOST: google.address }
    await using gateway = await startGateway(CONFIG, { env })
    const next = async () => (await fetch(`${gateway.url}/next`)).status
    const send = async () =>
      (await fetch(`${gateway.url}/send`, { method: 'POST', body: '{"a":1}' })).status
    assert.deepEqual(await Promise.all([next(), send()]), [500, 500])
    await google.listen()
    await eventually('it sends', async () => (await send()) === 200)
    assert.equal(await next(), 200)
    google.put('no json')
    assert.equal(await next(), 500)
    await eventually('it came back', () => google.settled.includes('again no json'))
    await google.away()
    assert.equal(await next(), 500)
    await google.listen()
    assert.equal(await next(), 500)
    await eventually(
      'it came back twice',
      () => google.settled.filter((one) => one === 'again no json').length === 2,
    )
    assert.equal(await gateway.stop(), 0)
  })
})
