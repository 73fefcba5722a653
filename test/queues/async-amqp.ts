import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { eventually } from '../support/eventually.ts'
import { startGateway } from '../support/start-gateway.ts'
import { tcpRelay } from '../support/tcp-relay.ts'
import { AMQP_PORT, forget, publish, rabbit, take } from './rabbit.ts'

type Answer = (body: string, reply: ServerResponse) => void

/** What the agent calls; `bodies` are those it was called with. */
async function upstream(answer: Answer) {
  const bodies: string[] = []
  const server = createServer(async (request: IncomingMessage, reply) => {
    const body = (await request.toArray()).join('')
    bodies.push(body)
    answer(body, reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    bodies,
    host: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function agent(
  queue: string,
  host: string,
  options: JsonObject = {},
  more: JsonObject = {},
): JsonObject {
  return {
    name: queue,
    connection: { backoff_strategy: 'linear', health_interval: '1s' },
    consumer: { topic: 'orders.*', workers: 2, timeout: '2s', ...more },
    backend: [{ host: [host], url_pattern: '/work', method: 'POST' }],
    extra_config: {
      'async/amqp': {
        host: `amqp://guest:guest@127.0.0.1:${AMQP_PORT}/`,
        name: queue,
        exchange: queue,
        ...options,
      },
    },
  }
}
const ok: Answer = (_body, reply) => reply.end('{}')
const isEmpty = async (queue: string) => (await take(queue)).length === 0
const isBound = (queue: string) => async () =>
  (await publish(queue, 'orders.x', `{"hello":"${queue}"}`).catch(() => false)) === true

/** Run by rabbitmq.test.ts, which has the broker. */
export const asyncAmqp = () =>
  describe('async/amqp', () => {
    for (const workers of [1, 4])
      it(`runs each message once through the backends, with ${workers} request threads`, async () => {
        const queue = `once-${workers}`
        await using backend = await upstream(ok)
        await using gateway = await startGateway(
          { async_agent: [agent(queue, backend.host)], endpoints: [] },
          { workers },
        )
        await eventually('the agent listens', isBound(queue))
        for (let number = 0; number < 20; number++)
          await publish(queue, 'orders.new', `{"number":${number}}`)
        await eventually('all came', () => backend.bodies.length >= 21)
        assert.equal(new Set(backend.bodies).size, backend.bodies.length)
        const health = (await (await fetch(`${gateway.url}/__health`)).json()) as JsonObject
        assert.match(JSON.stringify(health['agents']), new RegExp(`"${queue}":"\\d{4}-.* m=\\+`))
        assert.equal(await gateway.stop(), 0)
        assert(await isEmpty(queue))
        await forget(queue, queue)
      })

    it('guards and changes messages as an endpoint does: Lua, then CEL, then JSON schema', async () => {
      const queue = 'guarded'
      await using backend = await upstream(ok)
      const one = agent(queue, backend.host, { nack_discard: true })
      const extra_config = {
        ...(one['extra_config'] as JsonObject),
        'modifier/lua-proxy': {
          pre: 'local r = request.load() if r:body() == "[]" then custom_error("refused") end r:body(r:body() .. " ")',
        },
        'validation/cel': [{ check_expr: 'req_method == ""' }],
        'validation/json-schema': { type: 'object', required: ['id'] },
      }
      await using gateway = await startGateway({
        async_agent: [{ ...one, extra_config }],
        endpoints: [],
      })
      await eventually('the agent listens', isBound(queue))
      for (const body of ['[]', '{"no":1}', '{"id":1}']) await publish(queue, 'orders.new', body)
      await eventually('one came', () => backend.bodies.includes('{"id":1} '))
      assert.deepEqual(backend.bodies, ['{"id":1} '])
      assert.match(gateway.output(), /\[guarded\] refused/)
      assert.equal(await gateway.stop(), 0)
      assert(await isEmpty(queue))
      await forget(queue, queue)
    })
    it('puts a failed message back until it succeeds, and drops it with nack_discard', async () => {
      let failures = 0
      await using backend = await upstream((body, reply) => {
        reply.statusCode = body.includes('bad') && ++failures < 4 ? 500 : 200
        reply.end('{}')
      })
      await using gateway = await startGateway({
        async_agent: [
          agent('requeue', backend.host),
          agent('discard', backend.host, { nack_discard: true }),
        ],
        endpoints: [],
      })
      await eventually(
        'both listen',
        async () => (await isBound('requeue')()) && (await isBound('discard')()),
      )
      await publish('amq.default', 'requeue', '{"id":"bad"}')
      const tries = (id: string) =>
        backend.bodies.filter((body) => body === `{"id":"${id}"}`).length
      await eventually('it was tried four times', () => tries('bad') === 4)
      failures = 0
      await publish('amq.default', 'discard', '{"id":"bad too"}')
      await eventually('it was tried', () => tries('bad too') === 1)
      assert.equal(await gateway.stop(), 0)
      assert.deepEqual([tries('bad'), tries('bad too')], [4, 1])
      assert((await isEmpty('requeue')) && (await isEmpty('discard')))
      await forget('requeue', 'requeue')
      await forget('discard', 'discard')
    })

    it('starts without its broker, and comes back to one that went away', async () => {
      await using backend = await upstream(ok)
      await using relay = await tcpRelay(AMQP_PORT, true)
      const host = `amqp://guest:guest@127.0.0.1:${relay.port}/`
      await using gateway = await startGateway({
        async_agent: [agent('relayed', backend.host, { host })],
        endpoints: [],
      })
      await eventually('a try failed', () => /trying again/.test(gateway.output()))
      assert.equal((await fetch(`${gateway.url}/__health`)).status, 200)
      await relay.back()
      await eventually('it listens', isBound('relayed'))
      await eventually('it works', () => backend.bodies.length > 0)
      await relay.away()
      await eventually('it noticed', () => /Consumer stopped/.test(gateway.output()))
      const before = backend.bodies.length
      await publish('relayed', 'orders.y', '{"while":"away"}')
      await relay.back()
      await eventually('it works again', () => backend.bodies.length > before)
      assert.equal(backend.bodies.at(-1), '{"while":"away"}')
      assert.equal(await gateway.stop(), 0)
      await forget('relayed', 'relayed')
    })

    it('comes back to a broker that was restarted and has forgotten its queues', async () => {
      await using backend = await upstream(ok)
      await using gateway = await startGateway({
        async_agent: [agent('restarted', backend.host)],
        endpoints: [],
      })
      await eventually('it listens', isBound('restarted'))
      await rabbit.stop()
      await eventually('it noticed', () => /trying again/.test(gateway.output()))
      await rabbit.start()
      await eventually('it listens again', isBound('restarted'))
      await eventually('it works again', () => backend.bodies.length === 2)
      assert.equal(await gateway.stop(), 0)
      await forget('restarted', 'restarted')
    })

    it('takes no more than prefetch_count messages ahead, and gives them back when it stops', async () => {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
      await using backend = await upstream((_body, reply) => {
        begin()
        setTimeout(() => reply.end('{}'), 300)
      })
      await using gateway = await startGateway({
        async_agent: [agent('ahead', backend.host, { prefetch_count: 3 }, { workers: 1 })],
        endpoints: [],
      })
      await eventually('it listens', isBound('ahead'))
      for (let number = 0; number < 30; number++) await publish('ahead', 'orders.a', `${number}`)
      await begun
      assert.equal(await gateway.stop(), 0)
      const left = await take('ahead', 100)
      assert.equal(left.length + backend.bodies.length, 31)
      assert(left.filter(({ redelivered }) => redelivered).length <= 3)
      await forget('ahead', 'ahead')
    })

    it('begins max_rate messages a second', async () => {
      await using backend = await upstream(ok)
      await using gateway = await startGateway({
        async_agent: [agent('paced', backend.host, {}, { max_rate: 4, workers: 10 })],
        endpoints: [],
      })
      await eventually('it listens', isBound('paced'))
      const startMs = Date.now()
      for (let number = 0; number < 11; number++)
        await publish('paced', 'orders.p', `{"n":${number}}`)
      await eventually('all came', () => backend.bodies.length >= 12)
      assert(Date.now() - startMs > 1_500)
      assert.equal(await gateway.stop(), 0)
      await forget('paced', 'paced')
    })
  })
