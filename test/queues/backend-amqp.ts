import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { eventually } from '../support/eventually.ts'
import { startGateway } from '../support/start-gateway.ts'
import { tcpRelay } from '../support/tcp-relay.ts'
import { AMQP_PORT, declareQueue, forget, publish, take } from './rabbit.ts'

type Wishes = { readonly method?: string; readonly port?: number; readonly timeout?: string }

function endpoint(
  path: string,
  extraConfig: JsonObject,
  { method = 'GET', port = AMQP_PORT, timeout = '3s' }: Wishes = {},
): JsonObject {
  const host = `amqp://guest:guest@127.0.0.1:${port}`
  return {
    ...{ endpoint: path, method, timeout, input_headers: ['*'] },
    backend: [
      { host: [host], disable_host_sanitize: true, url_pattern: '/', extra_config: extraConfig },
    ],
  }
}
const consumer = (queue: string, options: JsonObject = {}): JsonObject => ({
  'backend/amqp/consumer': { name: queue, exchange: queue, routing_key: ['k.#'], ...options },
})
const producer = (queue: string, options: JsonObject = {}): JsonObject => ({
  'backend/amqp/producer': { name: queue, exchange: queue, routing_key: 'Key', ...options },
})
const answer = async (reply: Response) => [
  reply.status,
  reply.headers.get('x-krakend-completed'),
  await reply.text(),
]

/** Run by rabbitmq.test.ts, which has the broker. */
export const backendAmqp = () =>
  describe('backend/amqp', () => {
    for (const workers of [1, 4])
      it(`answers with the next message, each once, with ${workers} request threads`, async () => {
        const queue = `consumed-${workers}`
        await using gateway = await startGateway(
          { endpoints: [endpoint('/next', consumer(queue))] },
          { workers },
        )
        await eventually('the consumer listens', () =>
          publish(queue, 'k.1', '{"number":0}').catch(() => false),
        )
        for (let number = 1; number < 12; number++)
          await publish(queue, 'k.1', `{"number":${number}}`)
        const seen: unknown[] = []
        for (let number = 0; number < 12; number++) {
          const reply = await fetch(`${gateway.url}/next`, { headers: { connection: 'close' } })
          assert.equal(reply.headers.get('x-krakend-completed'), 'true')
          seen.push(((await reply.json()) as JsonObject)['number'])
        }
        assert.deepEqual(
          seen,
          Array.from({ length: 12 }, (_none, number) => number),
        )
        assert.equal(await gateway.stop(), 0)
        assert.deepEqual(await take(queue), [])
        await forget(queue, queue)
      })

    it('waits for a message until the deadline, and keeps one that came too late', async () => {
      await using gateway = await startGateway({
        endpoints: [endpoint('/next', consumer('late'), { timeout: '400ms' })],
      })
      const early = await fetch(`${gateway.url}/next`)
      assert.equal(early.status, 500)
      await eventually('it listens', () => publish('late', 'k', '{"kept":true}').catch(() => false))
      assert.deepEqual(await answer(await fetch(`${gateway.url}/next`)), [
        200,
        'true',
        '{"kept":true}',
      ])
      const waiting = fetch(`${gateway.url}/next`)
      await publish('late', 'k', '{"kept":2}')
      assert.equal((await waiting).status, 200)
      await forget('late', 'late')
    })

    it('puts a message back that it cannot read, or drops it with nack_discard', async () => {
      await using gateway = await startGateway({
        endpoints: [
          endpoint('/keep', consumer('unread')),
          endpoint('/drop', consumer('unread-dropped', { nack_discard: true }), {
            timeout: '500ms',
          }),
        ],
      })
      await eventually(
        'both listen',
        async () =>
          (await publish('unread', 'k', 'no json').catch(() => false)) &&
          (await publish('unread-dropped', 'k', 'no json').catch(() => false)),
      )
      for (let time = 0; time < 3; time++)
        assert.equal((await fetch(`${gateway.url}/keep`)).status, 500)
      assert.equal((await fetch(`${gateway.url}/drop`)).status, 500)
      assert.equal(await gateway.stop(), 0)
      assert.equal((await take('unread'))[0]?.redelivered, true)
      assert.deepEqual(await take('unread-dropped'), [])
      for (const queue of ['unread', 'unread-dropped']) await forget(queue, queue)
    })

    it('publishes the body with headers and parameters, and answers when the broker has it', async () => {
      await declareQueue('made', 'made', 'orders.#')
      const keys = { exp_key: 'Ttl', msg_id_key: 'Id', priority_key: 'Level', reply_to_key: 'Back' }
      await using gateway = await startGateway({
        endpoints: [
          endpoint('/send/{key}/{ttl}/{id}/{level}/{back}', producer('made', keys), {
            method: 'POST',
          }),
          endpoint(
            '/fixed',
            producer('made', { routing_key: 'orders.x', static_routing_key: true }),
            {
              method: 'POST',
            },
          ),
        ],
      })
      const send = (path: string, body = '{"a":1}') =>
        fetch(gateway.url + path, {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', 'x-name': 'J\u00c3\u00bcrgen' },
        })
      await eventually('it publishes', async () => (await send('/fixed', 'first')).status === 200)
      assert.deepEqual(await answer(await send('/send/orders.new/60000/m1/7/replies')), [
        ...[200, 'false', 'null'],
      ])
      const [first, second] = await take('made')
      assert.deepEqual([first?.payload, first?.routing_key], ['first', 'orders.x'])
      assert.equal(second?.payload, '{"a":1}')
      const { headers, timestamp, ...properties } = second?.properties ?? {}
      assert.deepEqual(properties, {
        ...{ message_id: 'm1', reply_to: 'replies', expiration: '60000', priority: 7 },
        ...{ content_type: 'application/json' },
      })
      assert(Math.abs(Number(timestamp) - Date.now() / 1000) < 60)
      assert.deepEqual(headers?.['X-Name'], ['J\u00fcrgen'])
      // What a broker would punish with the channel of all is refused to the one who sent it.
      assert.equal((await send('/send/orders.new/soon/m1/7/r')).status, 400)
      assert.equal((await send(`/send/${'k'.repeat(300)}/1/m1/7/r`)).status, 400)
      assert.equal((await send('/send/orders.new/1000/m2/high/r')).status, 200)
      await forget('made', 'made')
    })

    it('refuses what is too large for the broker, without harm for others once it knows', async () => {
      const queue = 'large'
      await declareQueue(queue, queue, '#')
      await using gateway = await startGateway({
        endpoints: [endpoint('/put', producer(queue), { method: 'POST', timeout: '20s' })],
      })
      const put = async (body: string | Buffer) => {
        const reply = await fetch(`${gateway.url}/put`, { method: 'POST', body })
        await reply.bytes()
        return reply.status
      }
      await eventually('it is connected', async () => (await put('first')) === 200)
      const tooLarge = Buffer.alloc(17 * 2 ** 20)
      assert.equal(await put(tooLarge), 500)
      await eventually('it is connected again', async () => (await put('second')) === 200)
      const [large, ...small] = await Promise.all([tooLarge, ...Array(20).fill('x')].map(put))
      assert.equal(large, 413)
      assert.deepEqual(new Set(small), new Set([200]))
      assert.deepEqual(gateway.output().match(/given up|trying again/g), ['trying again'])
      await forget(queue, queue)
    })
    it('says that no queue takes a mandatory message', async () => {
      await using gateway = await startGateway({
        endpoints: [
          endpoint('/must/{key}', producer('must', { mandatory: true }), { method: 'POST' }),
          endpoint('/may/{key}', producer('must'), { method: 'POST' }),
        ],
      })
      const send = (path: string) => fetch(gateway.url + path, { method: 'POST', body: 'x' })
      await eventually('it publishes', async () => (await send('/may/k')).status === 200)
      assert.equal((await send('/must/k')).status, 500)
      await eventually('it says so', () => /no queue takes the message/.test(gateway.output()))
      await declareQueue('must', 'must', 'k')
      assert.equal((await send('/must/k')).status, 200)
      await forget('must', 'must')
    })

    it('fails while the broker is away, at its start as well, and works again when it is back', async () => {
      await using relay = await tcpRelay(AMQP_PORT, true)
      const { port } = relay
      await using gateway = await startGateway({
        endpoints: [
          endpoint('/send/{key}', producer('gone', { backoff_strategy: 'linear' }), {
            ...{ method: 'POST', port },
          }),
          endpoint('/next', consumer('gone', { backoff_strategy: 'linear' }), { port }),
        ],
      })
      const send = () => fetch(`${gateway.url}/send/k.1`, { method: 'POST', body: '{"x":1}' })
      const isSent = async () => (await send()).status === 200
      await eventually('both tried', () => gateway.output().split('trying again').length > 2)
      assert.equal((await send()).status, 500)
      assert.equal((await fetch(`${gateway.url}/next`)).status, 500)
      assert.match(gateway.output(), /connection not available, trying to reconnect/)
      await relay.back()
      await eventually('it publishes', isSent)
      await eventually(
        'it consumes',
        async () => (await fetch(`${gateway.url}/next`)).status === 200,
      )
      await relay.away()
      await eventually('it fails', async () => (await send()).status === 500)
      await relay.back()
      await eventually('it publishes again', isSent)
      await eventually(
        'it consumes again',
        async () => (await fetch(`${gateway.url}/next`)).status === 200,
      )
      assert.equal(await gateway.stop(), 0)
      await forget('gone', 'gone')
    })
  })
