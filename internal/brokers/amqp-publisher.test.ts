import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { eventually } from '../../test/support/eventually.ts'
import { FakeBroker } from '../../test/support/fake-amqp.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import { AmqpPublisher } from './amqp-publisher.ts'

async function tryPublisher({ isAway = false, maxRetries = 0 } = {}) {
  const broker = new FakeBroker()
  if (isAway) broker.refusal = 'away'
  const lines: string[] = []
  const publisher = new AmqpPublisher({
    ...{ library: broker.library, url: 'amqp://localhost', exchange: 'x' },
    ...{ maxRetries, backoff: () => 1, say: (line) => void lines.push(line) },
    prepare: async () => undefined,
  })
  await eventually('it tried', () => lines.length > 0)
  const wheel = new DeadlineWheel()
  const publish = (text: string, timeoutMs = 10_000, key = 'k') => {
    const deadline = wheel.start(performance.now()).limit(timeoutMs)
    const message = { key, properties: { mandatory: true } }
    return publisher.publish(message, Buffer.from(text), deadline)
  }
  return { broker, publisher, publish, lines }
}

describe('publishing over AMQP', () => {
  it('is done when the broker confirms, and failed when it refuses', async () => {
    const { broker, publisher, publish } = await tryPublisher()
    const [first, second] = [publish('1'), publish('2')]
    const failed = assert.rejects(second, { name: 'GatewayError', message: 'no disk' })
    await turn()
    broker.published[1]?.confirm(new Error('no disk'))
    broker.published[0]?.confirm()
    await first
    await failed
    await publisher.close()
  })
  it('fails for the message that no queue took, and for no other', async () => {
    const { broker, publisher, publish } = await tryPublisher()
    const [first, second] = [publish('1'), publish('2')]
    const failed = assert.rejects(second, { message: 'no queue takes the message' })
    await turn()
    broker.emit('return', { fields: { routingKey: 'k' }, content: Buffer.from('2') })
    for (const { confirm } of broker.published) confirm()
    await first
    await failed
    await publisher.close()
  })
  it('fails for all that was not confirmed when the connection breaks', async () => {
    const { broker, publisher, publish } = await tryPublisher()
    const failed = assert.rejects(publish('1'), { message: 'gone' })
    await turn()
    broker.cut('gone')
    await failed
    await eventually('it is back', () => broker.connections === 2)
    await turn()
    const done = publish('2')
    await turn()
    broker.published[1]?.confirm()
    await done
    await publisher.close()
  })
  it('writes nothing while the socket is full or the broker blocks, until the deadline', async () => {
    const { broker, publisher, publish } = await tryPublisher()
    broker.hasRoom = false
    void publish('1').catch(() => undefined)
    await turn()
    await assert.rejects(publish('late', 20), { code: 'timeout' })
    const waiting = publish('2')
    await turn()
    assert.equal(broker.published.length, 1)
    broker.hasRoom = true
    broker.emit('drain')
    await turn()
    broker.published[1]?.confirm()
    await waiting
    broker.emit('blocked')
    const blocked = publish('3')
    await turn()
    assert.equal(broker.published.length, 2)
    broker.emit('unblocked')
    await turn()
    broker.published[2]?.confirm()
    await blocked
    await publisher.close()
  })
  it('sends nothing that is larger than what the broker closed a channel for, until it is another', async () => {
    const { broker, publisher, publish } = await tryPublisher()
    const tooLarge = publish('12345678')
    const failed = assert.rejects(tooLarge, /larger than/)
    await turn()
    broker.closeChannel('PRECONDITION_FAILED - message size 8 is larger than configured max size 7')
    await failed
    await eventually('it is back', () => broker.connections === 2)
    await turn()
    await assert.rejects(publish('12345678'), { code: 'request-too-large', status: 413 })
    const sent = publish('1234567')
    await turn()
    broker.published[1]?.confirm()
    await sent
    broker.cut('the broker was restarted')
    await eventually('it is back again', () => broker.connections === 3)
    await turn()
    const again = publish('12345678')
    await turn()
    broker.published[2]?.confirm()
    await again
    await publisher.close()
  })
  it('fails at once without a connection, and tries again for the next request after it gave up', async () => {
    const { broker, publisher, publish, lines } = await tryPublisher({
      isAway: true,
      maxRetries: 1,
    })
    await eventually('it gave up', () => lines.at(-1)?.includes('given up after 2 tries') === true)
    broker.refusal = undefined
    await assert.rejects(publish('1'), {
      message: 'connection not available, trying to reconnect',
    })
    await eventually('it is back', () => lines.at(-1) === 'connected')
    await publisher.close()
  })
})
