import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { eventually } from '../support/eventually.ts'
import { startGateway } from '../support/start-gateway.ts'
import { AMQP_PORT, declareQueue, forget, publish, take } from './rabbit.ts'

const endpoint = (path: string, extraConfig: JsonObject, method = 'GET'): JsonObject => ({
  ...{ endpoint: path, method, input_headers: ['X-Key', 'X-Name'] },
  backend: [
    {
      ...{ host: ['rabbit://'], disable_host_sanitize: true, url_pattern: '/' },
      extra_config: extraConfig,
    },
  ],
})
const env = { env: { RABBIT_SERVER_URL: `amqp://guest:guest@127.0.0.1:${AMQP_PORT}/` } }

/** Run by rabbitmq.test.ts, which has the broker. */
export const pubsubRabbit = () =>
  describe('backend/pubsub with rabbit://', () => {
    it('publishes to an exchange that is there, and takes from its queue', async () => {
      await declareQueue('pub', 'pub', 'orders.*')
      const topic_url = 'pub?key_name=X-Key'
      const subscription_url = 'pub?prefetch_count=2'
      await using gateway = await startGateway(
        {
          endpoints: [
            endpoint('/send', { 'backend/pubsub/publisher': { topic_url } }, 'POST'),
            endpoint('/next', { 'backend/pubsub/subscriber': { subscription_url } }),
          ],
        },
        env,
      )
      const send = (key: string) =>
        fetch(`${gateway.url}/send`, {
          ...{ method: 'POST', body: '{"a":1}', headers: { 'x-key': key, 'x-name': 'n' } },
        })
      await eventually('it publishes', async () => (await send('orders.1')).status === 200)
      assert.deepEqual(await (await fetch(`${gateway.url}/next`)).json(), { a: 1 })
      // Where no queue takes it, nobody ever sees it.
      assert.equal((await send('nowhere')).status, 500)
      assert.equal((await send('k'.repeat(300))).status, 400)
      await publish('pub', 'orders.2', 'no json')
      for (let time = 0; time < 2; time++)
        assert.equal((await fetch(`${gateway.url}/next`)).status, 500)
      assert.equal(await gateway.stop(), 0)
      assert.deepEqual(
        (await take('pub')).map(({ payload }) => payload),
        ['no json'],
      )
      await forget('pub', 'pub')
    })
  })
