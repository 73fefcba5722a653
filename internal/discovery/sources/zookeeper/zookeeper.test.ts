import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type FakeZooKeeper, startFakeZooKeeper } from '../../../../test/support/fake-zookeeper.ts'
import { scope } from '../../../../test/support/source-scope.ts'
import type { Answer } from '../../discovery.ts'
import { sourceContract } from '../contract.ts'
import { frameReader, JuteReader } from './jute.ts'
import { zookeeperSource } from './zookeeper.ts'

const signal = () => AbortSignal.timeout(5000)
const PASSWORD = 'pass-of-zookeeper'

sourceContract({
  name: 'zookeeper',
  service: 'orders',
  secrets: [PASSWORD],
  async start() {
    const fake = await startFakeZooKeeper()
    let last: readonly string[] = []
    return {
      source: () =>
        zookeeperSource({ servers: fake.address, username: 'me', password: PASSWORD }, scope()),
      set(hosts) {
        fake.put('/services/orders', '')
        for (const host of last) if (!hosts.includes(host)) fake.remove(`/services/orders/${host}`)
        for (const host of hosts) if (!last.includes(host)) fake.put(`/services/orders/${host}`, '')
        last = hosts
      },
      remove() {
        for (const host of last) fake.remove(`/services/orders/${host}`)
        fake.remove('/services/orders')
      },
      fault: fake.fault,
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
    }
  },
})

const shown = ({ instances }: Answer) =>
  instances.map(({ scheme, host, port, basePath, weight, zone }) =>
    `${scheme ?? ''} ${host}:${port}${basePath} ${weight} ${zone}`.trim(),
  )

/** As Curator 5.7 writes it. */
const curator = (more: object) =>
  JSON.stringify({
    ...{ name: 'orders', id: 'i', address: '10.0.0.1', port: 9393, sslPort: null, payload: null },
    ...{ registrationTimeUTC: 1, serviceType: 'DYNAMIC', uriSpec: { parts: [] } },
    ...more,
  })

describe('zookeeper', () => {
  for (const [data, expected] of [
    [curator({}), ['10.0.0.1:9393 1']],
    [curator({ payload: { '@class': 'x', weight: 3, zone: 'a' } }), ['10.0.0.1:9393 3 a']],
    [curator({ sslPort: 9443 }), ['https 10.0.0.1:9443 1']],
    [curator({ enabled: false }), []],
    [curator({ port: null }), []],
    ['10.0.0.2:80', ['10.0.0.2:80 1']],
    ['http://a/v2', ['http a:80/v2 1']],
    ['{"host":"b","port":1,"weight":2}', ['b:1 2']],
    ['nonsense', []],
  ] as const)
    it(`takes ${data.slice(0, 60)} as ${expected[0] ?? 'none'}`, async () => {
      await using fake = await startFakeZooKeeper()
      fake.put('/services/orders/one', data)
      const source = zookeeperSource({ servers: [fake.address] }, scope())
      const answer = await source.ask('orders', signal())
      assert.deepEqual(shown(answer), expected)
      assert.match(answer.notes.join(), expected.length > 0 ? /^one: kept at/ : /^one: dropped/)
      await source.close?.()
    })

  it('looks under the path of the options, or at a path that is the name', async () => {
    await using fake = await startFakeZooKeeper()
    fake.put('/apps/shop/orders/10.0.0.1:1', '')
    const source = zookeeperSource({ servers: fake.address, path: '/apps/shop/' }, scope())
    assert.deepEqual(shown(await source.ask('orders', signal())), ['10.0.0.1:1 1'])
    assert.deepEqual(shown(await source.ask('/apps/shop/orders/', signal())), ['10.0.0.1:1 1'])
    await source.close?.()
  })

  it('reads only what changed, and notices a service that appears', async () => {
    await using fake = await startFakeZooKeeper()
    const told = watched(fake)
    await told.until('')
    fake.put('/services/orders/a', '10.0.0.1:1')
    await told.until('10.0.0.1:1 1')
    fake.put('/services/orders/b', '10.0.0.2:2')
    await told.until('10.0.0.1:1 1,10.0.0.2:2 1')
    fake.put('/services/orders/b', '10.0.0.2:3')
    await told.until('10.0.0.1:1 1,10.0.0.2:3 1')
    assert.equal(fake.reads.get('/services/orders/a'), 1)
    await told.end()
  })

  it('goes to the next server, and logs in there', async () => {
    await using fake = await startFakeZooKeeper()
    fake.put('/services/orders/10.0.0.1:1', '')
    const servers = `127.0.0.1:1,${fake.address}`
    const source = zookeeperSource({ servers, username: 'me', password: PASSWORD }, scope())
    assert.deepEqual(shown(await source.ask('orders', signal())), ['10.0.0.1:1 1'])
    assert.deepEqual(fake.logins, [`me:${PASSWORD}`])
    await source.close?.()
  })

  it('opens a new session when the old one is lost', async () => {
    await using fake = await startFakeZooKeeper()
    fake.put('/services/orders/10.0.0.1:1', '')
    const source = zookeeperSource({ servers: fake.address }, scope())
    await source.ask('orders', signal())
    await fake.fault('down')
    await fake.fault('none')
    await assert.doesNotReject(async () => {
      // The first question may still meet the broken connection.
      await source.ask('orders', signal()).catch(() => source.ask('orders', signal()))
    })
    await source.close?.()
  })

  it('refuses servers that are no addresses', () => {
    for (const servers of [['a:b'], ['a:0'], ['http://a:1'], []])
      assert.throws(() => zookeeperSource({ servers }, scope()), /discovery\/zookeeper"\.servers/)
  })
})

describe("ZooKeeper's records", () => {
  it('survive any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const read of ['text', 'texts', 'int', 'long', 'bool'] as const)
          try {
            new JuteReader(Buffer.from(bytes))[read]()
          } catch (error) {
            assert.match(String(error), /cut short/)
          }
      }),
    )
  })

  it('are put together from pieces of any size', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 })
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 7 }), (bodies, size) => {
        const whole = Buffer.concat(
          bodies.flatMap((body) => [Buffer.from([0, 0, 0, body.length]), Buffer.from(body)]),
        )
        const read = frameReader(100)
        const got: Buffer[] = []
        for (let at = 0; at < whole.length; at += size)
          got.push(...(read(whole.subarray(at, at + size)) ?? []))
        assert.deepEqual(
          got.map((one) => [...one]),
          bodies.map((one) => [...one]),
        )
      }),
    )
  })

  it('are refused when they are longer than allowed', () => {
    assert.equal(frameReader(10)(Buffer.from([0, 0, 0, 11])), undefined)
    assert.equal(frameReader(10)(Buffer.from([255, 0, 0, 1])), undefined)
  })
})

function watched(fake: FakeZooKeeper) {
  const source = zookeeperSource({ servers: fake.address }, scope())
  const over = new AbortController()
  let last: string | undefined
  let check = () => {}
  const watching = source.watch?.(
    'orders',
    (answer) => {
      last = shown(answer).toSorted().join()
      check()
    },
    over.signal,
  )
  return {
    async until(expected: string) {
      const { promise, resolve } = Promise.withResolvers<void>()
      check = () => {
        if (last === expected) resolve()
      }
      check()
      await promise
    },
    async end() {
      over.abort()
      await watching
      await source.close?.()
    },
  }
}
