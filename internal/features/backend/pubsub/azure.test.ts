import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { authority, noOpenssl } from '../../../../test/support/certificates.ts'
import { eventually } from '../../../../test/support/eventually.ts'
import { startHttpServer } from '../../../../test/support/http-server.ts'
import { lookedUp } from '../../../../test/support/looked-up.ts'
import { packageMissing } from '../../../../test/support/optional-package.ts'
import { DeadlineWheel } from '../../../pipe/deadline.ts'
import { driverOf } from './drivers.ts'

const skip = packageMissing('@azure/service-bus') || packageMissing('rhea')
const fakeBus = async () => {
  const { FakeServiceBus } = await import('../../../../test/support/fake-service-bus.ts')
  return await new FakeServiceBus().listen()
}

const open = (text: string, env: Readonly<Record<string, string>>) => {
  const { driver, address } = driverOf([text], '', 'p')
  const scope = { path: 'p', env, random: () => 0, now: Date.now, say() {} }
  return {
    topic: () => driver.openTopic(address, scope),
    subscription: () => driver.openSubscription(address, scope),
  }
}
const connected = (text: string, bus: { connectionString: string }) =>
  open(text, { SERVICEBUS_CONNECTION_STRING: bus.connectionString })
const soon = (ms = 5_000) => new DeadlineWheel().start(performance.now()).limit(ms)
const outgoing = (body: string | Buffer, headers: Record<string, string> = {}) => ({
  body: Buffer.from(body),
  metadata: new Map(Object.entries(headers)),
})
const SUBSCRIPTION = 'azuresb://t?subscription=s&listener_timeout=300ms'

describe('Azure Service Bus', { skip }, () => {
  it('takes bytes and headers over AMQP 1.0, and gives the bytes back', async () => {
    await using bus = await fakeBus()
    const topic = connected('azuresb://t', bus).topic()
    const bytes = Buffer.from([0, 255, 10])
    await topic.send(outgoing(bytes, { 'X-A': 'ü', 'Content-Type': 'text/plain' }), soon())
    assert.deepEqual(bus.published[0], {
      body: bytes,
      properties: { 'X-A': 'ü', 'Content-Type': 'text/plain' },
    })
    const source = connected(SUBSCRIPTION, bus).subscription()
    assert.deepEqual((await source.take(3_000))?.body, bytes)
    bus.put('{"a":1}')
    assert.equal(String((await source.take(3_000))?.body), '{"a":1}')
    await source.close()
    await topic.close()
  })
  it('hears what became of each message, and delivers again what was given back', async () => {
    await using bus = await fakeBus()
    const source = connected(SUBSCRIPTION, bus).subscription()
    for (const body of ['1', '2']) bus.put(body)
    ;(await source.take(3_000))?.ack()
    ;(await source.take(3_000))?.nack(true)
    const again = await source.take(3_000)
    assert.equal(String(again?.body), '2')
    again?.nack(false)
    await source.close()
    assert.deepEqual(bus.settled, ['accepted 1', 'released 2', 'accepted 2'])
  })
  it('serves all who wait at a time, and keeps nobody longer than it was told', async () => {
    await using bus = await fakeBus()
    const source = connected(SUBSCRIPTION, bus).subscription()
    const waiting = [source.take(3_000), source.take(3_000), source.take(50)]
    assert.equal(await waiting[2], undefined)
    bus.put('1')
    bus.put('2')
    const bodies = (await Promise.all(waiting.slice(0, 2))).map((one) => {
      one?.ack()
      return String(one?.body)
    })
    assert.deepEqual(bodies.toSorted(), ['1', '2'])
    await source.close()
    assert.equal(bus.settled.length, 2)
  })
  it('keeps a message that came too late for the next request', async () => {
    await using bus = await fakeBus()
    const source = connected(SUBSCRIPTION, bus).subscription()
    assert.equal(await source.take(100), undefined)
    bus.put('late')
    const kept = await source.take(3_000)
    assert.equal(String(kept?.body), 'late')
    kept?.ack()
    await source.close()
    assert.deepEqual(bus.settled, ['accepted late'])
  })
  it('fails while the broker is away, and works when it is back', async () => {
    await using bus = await fakeBus()
    const topic = connected('azuresb://t', bus).topic()
    const source = connected(SUBSCRIPTION, bus).subscription()
    for (let time = 0; time < 2; time++) {
      await bus.away()
      await assert.rejects(topic.send(outgoing('lost'), soon(300)), { name: 'GatewayError' })
      await assert.rejects(source.take(2_000), /ECONNREFUSED|ECONNRESET|disconnected/i)
      await bus.listen()
      await topic.send(outgoing('x'), soon())
      ;(await source.take(3_000))?.ack()
      await eventually('it heard', () => bus.settled.length === time + 1)
    }
    await topic.close()
    await source.close()
  })
  it('fails with the reason when the key is wrong, or there is no such topic', async () => {
    await using bus = await fakeBus()
    const wrong = bus.connectionString.replace('SharedAccessKey=', 'SharedAccessKey=x')
    const refused = open('azuresb://t', { SERVICEBUS_CONNECTION_STRING: wrong }).topic()
    await assert.rejects(refused.send(outgoing('x'), soon()), /InvalidSignature/)
    const nowhere = connected('azuresb://t?subscription=none', bus).subscription()
    await assert.rejects(nowhere.take(3_000), /no entity t\/Subscriptions\/none/)
    await refused.close()
    await nowhere.close()
  })
  it('stops the start when it could not work, without showing a key', () => {
    const env = {
      SERVICEBUS_CONNECTION_STRING: 'Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=k',
    }
    const wrong: [string, RegExp][] = [
      ['azuresb://t', /no subscription/],
      ['azuresb://t?subscription=s&listener_timeout=x', /listener_timeout is no duration/],
      ['azuresb://t?subscription=s&max_recv_batch_size=0', /max_recv_batch_size is out of range/],
      ['azuresb://t?subscription=s&topic=x', /unknown option "topic"/],
    ]
    for (const [text, message] of wrong) assert.throws(open(text, env).subscription, { message })
    assert.throws(open('azuresb://t', {}).topic, {
      message: /neither SERVICEBUS_CONNECTION_STRING nor AZURE_SERVICEBUS_HOSTNAME is set/,
    })
    assert.throws(
      open('azuresb://t', { SERVICEBUS_CONNECTION_STRING: 'SharedAccessKey=hidden' }).topic,
      ({ name, message }: Error) => name === 'ConfigError' && !message.includes('hidden'),
    )
    const other = `${env.SERVICEBUS_CONNECTION_STRING};EntityPath=other`
    assert.throws(open('azuresb://t', { SERVICEBUS_CONNECTION_STRING: other }).topic, {
      name: 'ConfigError',
    })
  })
})

/** The SDK knows one port: this server has an address of loopback for itself, as only Linux has them. */
const HOST = 'bus.test'
const ADDRESS = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
const isElsewhere = process.platform === 'linux' ? false : 'needs a second address of loopback'
describe('Azure Service Bus without a key', { skip: skip || noOpenssl || isElsewhere }, () => {
  it('lets the identity of the machine in, and nobody else', async ({ mock }) => {
    using own = authority()
    const before = getCACertificates('default')
    setDefaultCACertificates([...before, own.ca.cert])
    const { FakeServiceBus } = await import('../../../../test/support/fake-service-bus.ts')
    await using bus = await new FakeServiceBus().listen({
      ...own.issue('bus', [HOST]),
      host: ADDRESS,
    })
    await using machine = await startHttpServer(({ url = '' }, response) => {
      const resource = new URL(url, 'http://h').searchParams.get('resource')
      const isRight = resource === 'https://servicebus.azure.net/'
      response.writeHead(isRight ? 200 : 400)
      response.end('{"access_token":"machine","expires_in":"3599"}')
    })
    lookedUp(mock, HOST, ADDRESS)
    const env = {
      AZURE_SERVICEBUS_HOSTNAME: HOST,
      AZURE_POD_IDENTITY_AUTHORITY_HOST: machine.url,
    }
    bus.goodToken = 'machine'
    const topic = open('azuresb://t', env).topic()
    await topic.send(outgoing('x'), soon())
    assert.equal(String(bus.published[0]?.body), 'x')
    await topic.close()
    bus.goodToken = 'another'
    const refused = open('azuresb://t', env).topic()
    await assert.rejects(refused.send(outgoing('x'), soon()), /InvalidSignature/)
    await refused.close()
    await machine.close()
    const nobody = open('azuresb://t', { ...env, PATH: '/nowhere' }).topic()
    await assert.rejects(nobody.send(outgoing('x'), soon()), /no identity for Azure: /)
    await nobody.close()
    setDefaultCACertificates(before)
  })
})
