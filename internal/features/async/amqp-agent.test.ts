import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { eventually } from '../../../test/support/eventually.ts'
import { FakeBroker } from '../../../test/support/fake-amqp.ts'
import { AmqpAgent } from './amqp-agent.ts'
import { pacer } from './pacer.ts'

function tryAgent({
  broker = new FakeBroker(),
  workers = 1,
  maxRetries = 0,
  autoAck = false,
  nackDiscard = false,
  maxRate = 0,
} = {}) {
  const lines: string[] = []
  const begun: string[] = []
  const ends: ((isDone: boolean) => void)[] = []
  let pulses = 0
  const write = (text: unknown) => void lines.push(String(text))
  const log = { debug() {}, info: write, warning: write, error: write, critical: write }
  const agent = new AmqpAgent({
    ...{ name: 'a', library: broker.library, url: 'amqp://localhost', topic: 't.#', prefetch: 7 },
    queue: {
      ...{ name: 'q', exchange: 'x', durable: true, delete: false, exclusive: true },
      ...{ prefetchCount: 0, autoAck, noLocal: false, nackDiscard },
    },
    ...{ workers, maxRetries, backoff: () => 1, healthIntervalMs: 5, log },
    pacer: maxRate === 0 ? undefined : pacer(maxRate, () => performance.now()),
    agent: {
      work: (body) => {
        begun.push(String(body))
        return new Promise((resolve) => ends.push(resolve))
      },
      alive: () => void pulses++,
    },
  })
  agent.start()
  const finish = async (isDone: boolean) => {
    ends.shift()?.(isDone)
    await turn()
  }
  return { agent, broker, lines, begun, finish, pulses: () => pulses }
}
const connected = (broker: FakeBroker, times = 1) =>
  eventually('it is connected', () => broker.connections === times && broker.prefetch > 0)

describe('an agent on AMQP', () => {
  it('declares as KrakenD does, and opens nothing when it is stopped at once', async () => {
    const { broker, agent } = tryAgent()
    await connected(broker)
    assert.deepEqual(broker.declared, [
      'topic x {"durable":true,"autoDelete":false,"internal":true}',
      'queue q {"durable":true,"autoDelete":false,"exclusive":true}',
      'bind q x t.#',
    ])
    assert.equal(broker.prefetch, 7)
    await agent.stop()
    const second = tryAgent()
    await second.agent.stop()
    await turn()
    assert.equal(second.broker.connections, 0)
  })

  it('works on as many messages at once as it has workers, and acknowledges each when it is done', async () => {
    const { broker, agent, begun, finish } = tryAgent({ workers: 2 })
    await connected(broker)
    for (const text of ['1', '2', '3']) broker.deliver(text)
    await turn()
    assert.deepEqual(begun, ['1', '2'])
    await finish(true)
    assert.deepEqual([begun, broker.settled], [['1', '2', '3'], ['ack 1']])
    await finish(true)
    await finish(true)
    assert.deepEqual(broker.settled, ['ack 1', 'ack 2', 'ack 3'])
    await agent.stop()
  })

  it('puts a failed message back, drops it with nack_discard, and has let go of it before with auto_ack', async () => {
    const back = tryAgent()
    await connected(back.broker)
    back.broker.deliver('m')
    await turn()
    await back.finish(false)
    assert.deepEqual(back.broker.settled, [], 'it pauses')
    await eventually('it is put back', () => back.broker.settled.length > 0)
    assert.deepEqual(back.broker.settled, ['nack again m'])
    const dropped = tryAgent({ nackDiscard: true })
    await connected(dropped.broker)
    dropped.broker.deliver('m')
    await turn()
    await dropped.finish(false)
    await eventually('it is dropped', () => dropped.broker.settled.length > 0)
    assert.deepEqual(dropped.broker.settled, ['nack m'])
    const once = tryAgent({ autoAck: true })
    await connected(once.broker)
    once.broker.deliver('m')
    await turn()
    assert.deepEqual(once.broker.settled, ['ack m'])
    await once.finish(false)
    for (const { agent } of [back, dropped, once]) await agent.stop()
    assert.deepEqual(once.broker.settled, ['ack m'])
  })

  it('forgets what had not begun when the connection breaks, and connects again', async () => {
    const { broker, agent, begun, finish, lines } = tryAgent()
    await connected(broker)
    for (const text of ['1', '2']) broker.deliver(text)
    await turn()
    broker.cut('the broker died')
    await connected(broker, 2)
    await finish(true)
    assert.deepEqual(begun, ['1'])
    broker.deliver('2')
    await turn()
    assert.deepEqual(begun, ['1', '2'])
    assert(lines.some((line) => line.includes('the broker died; trying again in 1 ms')))
    await finish(true)
    broker.endConsumer()
    await connected(broker, 3)
    broker.closeChannel('PRECONDITION_FAILED')
    await connected(broker, 4)
    assert(lines.some((line) => line.includes('PRECONDITION_FAILED')))
    await agent.stop()
  })

  it('gives up when max_retries is used up, and says so', async () => {
    const broker = new FakeBroker()
    broker.refusal = 'ECONNREFUSED'
    const { agent, lines } = tryAgent({ broker, maxRetries: 2 })
    await eventually('it gave up', () => lines.at(-1)?.includes('max_retries is used up') === true)
    assert.equal(lines.filter((line) => line.includes('ECONNREFUSED')).length, 3)
    await agent.stop()
  })

  it('gives back what had not begun when it stops, and waits for what had', async () => {
    const { broker, agent, finish } = tryAgent()
    await connected(broker)
    for (const text of ['1', '2']) broker.deliver(text)
    await turn()
    const stopped = agent.stop()
    await turn()
    broker.deliver('3')
    assert.deepEqual(broker.settled, ['nack again 2', 'nack again 3'])
    await finish(true)
    await stopped
    assert.equal(broker.settled.at(-1), 'ack 1')
  })

  it('does not hold a stop up for max_rate', async () => {
    const { broker, agent, begun, finish } = tryAgent({ maxRate: 0.001, workers: 2 })
    await connected(broker)
    for (const text of ['1', '2']) broker.deliver(text)
    await turn()
    assert.deepEqual(begun, ['1'])
    const stopped = agent.stop()
    await finish(true)
    await stopped
    assert.deepEqual(broker.settled.toSorted(), ['ack 1', 'nack again 2'])
  })

  it('leaves what waited for max_rate while the connection broke to the broker, which sends it again', async () => {
    for (const autoAck of [false, true]) {
      const { broker, agent, begun, finish } = tryAgent({ maxRate: 10, workers: 12, autoAck })
      await connected(broker)
      for (let number = 0; number < 11; number++) broker.deliver(String(number))
      await turn()
      assert.equal(begun.length, 10)
      broker.cut()
      await connected(broker, 2)
      broker.deliver('10', true)
      await eventually('it begins', () => begun.length > 10)
      await new Promise((resolve) => setTimeout(resolve, 150))
      assert.deepEqual(begun.slice(10), ['10'])
      for (let number = 0; number < 11; number++) await finish(true)
      await agent.stop()
    }
  })

  it('says that it is alive while it is connected, and no longer', async () => {
    const { broker, agent, pulses } = tryAgent()
    await eventually('it lives', () => pulses() > 2)
    broker.refusal = 'away'
    broker.cut()
    const before = pulses()
    await new Promise((resolve) => setTimeout(resolve, 25))
    assert.equal(pulses(), before)
    await agent.stop()
  })
})
