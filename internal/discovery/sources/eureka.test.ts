import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FakeEureka, startFakeEureka } from '../../../test/support/fake-eureka.ts'
import { scope } from '../../../test/support/source-scope.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import type { Found } from '../discovery.ts'
import { sourceContract } from './contract.ts'
import { eurekaSource } from './eureka.ts'

const signal = () => AbortSignal.timeout(5000)
const PASSWORD = 'p@ss:w%rd'

function setter(fake: FakeEureka) {
  let last: readonly string[] = []
  return (hosts: readonly string[]) => {
    for (const host of last) if (!hosts.includes(host)) fake.deregister(host)
    for (const host of hosts) {
      const [ipAddr = '', port] = host.split(':')
      if (!last.includes(host))
        fake.register({ app: 'orders', id: host, ipAddr, port: Number(port) })
    }
    last = hosts
  }
}

sourceContract({
  name: 'eureka (with user and password)',
  service: 'orders',
  secrets: [PASSWORD, encodeURIComponent(PASSWORD)],
  async start() {
    const fake = await startFakeEureka(`gateway:${PASSWORD}`)
    const set = setter(fake)
    const host = fake.url.replace('://', `://gateway:${PASSWORD}@`)
    return {
      source: () => eurekaSource({ host: [host], fetch_interval: 0.05 }, scope()),
      set,
      remove: () => set([]),
      fault: fake.fault,
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
    }
  },
})

const shown = ({ scheme, host, port, weight, zone }: Found) =>
  `${scheme}://${host}:${port} ${weight} ${zone}`.trim()

async function askFor(instance: JsonObject, options: JsonObject = {}) {
  await using fake = await startFakeEureka()
  fake.register({ app: 'orders', id: 'one', ipAddr: '10.0.0.1', port: 8080, ...instance })
  const source = eurekaSource({ host: fake.url, ...options }, scope())
  const { instances, notes } = await source.ask('orders', signal())
  await source.close?.()
  return { instances: instances.map(shown), notes: notes.join('; ') }
}

describe('eureka', () => {
  for (const [status, override, isUp] of [
    ['UP', 'UNKNOWN', true],
    ['UP', undefined, true],
    ['UP', 'OUT_OF_SERVICE', false],
    ['DOWN', 'UP', true],
    ['DOWN', 'UNKNOWN', false],
    ['STARTING', undefined, false],
  ] as const)
    for (const key of ['overriddenStatus', 'overriddenstatus'])
      it(`${isUp ? 'takes' : 'drops'} status ${status} with ${key} ${override}`, async () => {
        const other = { overriddenStatus: 'UNKNOWN', overriddenstatus: '' }
        const { instances, notes } = await askFor({ status, ...other, [key]: override ?? '' })
        assert.equal(instances.length, isUp ? 1 : 0)
        assert.match(notes, isUp ? /kept, UP/ : /dropped, its status is/)
      })

  const on = (port: number) => ({ $: port, '@enabled': 'true' })
  const off = (port: number) => ({ $: port, '@enabled': false })
  for (const [ports, expected] of [
    [{ port: on(1), securePort: on(2) }, ['https://10.0.0.1:2 100']],
    [{ port: on(1), securePort: off(2) }, ['http://10.0.0.1:1 100']],
    [{ port: off(1), securePort: off(2) }, []],
    [{ port: on(0), securePort: off(2) }, []],
  ] as const)
    it(`takes of ${JSON.stringify(ports)} ${expected[0] ?? 'none'}`, async () => {
      assert.deepEqual((await askFor(ports as unknown as JsonObject)).instances, expected)
    })

  it('takes IPv6 addresses, and names that have an address', async () => {
    assert.deepEqual((await askFor({ ipAddr: '::1' })).instances, ['http://::1:8080 100'])
    assert.deepEqual((await askFor({ ipAddr: 'localhost' })).instances, [
      'http://localhost:8080 100',
    ])
    const { instances, notes } = await askFor({ ipAddr: 'no.such.name.invalid' })
    assert.deepEqual(instances, [])
    assert.match(notes, /is no address and has none/)
  })

  it('takes the weight from the metadata, then from the configuration, then 100', async () => {
    const weighted = async (weight: string, options: JsonObject = {}) =>
      (await askFor({ metadata: { weight, zone: 'a' } }, options)).instances
    assert.deepEqual(await weighted('7'), ['http://10.0.0.1:8080 7 a'])
    assert.deepEqual(await weighted('0.5'), ['http://10.0.0.1:8080 0.5 a'])
    assert.deepEqual(await weighted('heavy', { weight: 20 }), ['http://10.0.0.1:8080 20 a'])
    assert.deepEqual(await weighted('-1'), ['http://10.0.0.1:8080 100 a'])
    assert.deepEqual((await askFor({}, { weight: 30 })).instances, ['http://10.0.0.1:8080 30'])
  })

  it('fetches changes, and everything when they do not add up', async () => {
    await using fake = await startFakeEureka()
    fake.register({ app: 'orders', id: 'one', ipAddr: '10.0.0.1' })
    const source = eurekaSource({ host: fake.url }, scope())
    const hosts = async () =>
      (await source.ask('orders', signal())).instances.map(({ host }) => host)
    assert.deepEqual(await hosts(), ['10.0.0.1'])
    fake.register({ app: 'orders', id: 'two', ipAddr: '10.0.0.2' })
    assert.deepEqual(await hosts(), ['10.0.0.1', '10.0.0.2'])
    assert.deepEqual(fake.questions, ['GET /eureka/apps', 'GET /eureka/apps/delta'])
    fake.forgetDeltas()
    fake.deregister('one')
    assert.deepEqual(await hosts(), ['10.0.0.2'])
    assert.deepEqual(fake.questions.slice(2), ['GET /eureka/apps/delta', 'GET /eureka/apps'])
    await source.close?.()
  })

  it('fetches once for all applications that are followed', async () => {
    await using fake = await startFakeEureka()
    for (const app of ['a', 'b', 'c']) fake.register({ app, id: app, ipAddr: '10.0.0.1' })
    const source = eurekaSource({ host: fake.url, fetch_interval: 60 }, scope())
    const over = new AbortController()
    const all = ['a', 'b', 'c'].map((app) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      return { watching: source.watch?.(app, () => resolve(), over.signal), told: promise }
    })
    await Promise.all(all.map(({ told }) => told))
    assert.equal(fake.questions.length, 1)
    over.abort()
    await Promise.all(all.map(({ watching }) => watching))
    await source.close?.()
  })

  it('asks the next server when one fails', async () => {
    await using bad = await startFakeEureka()
    await bad.fault('error')
    await using good = await startFakeEureka()
    good.register({ app: 'orders', id: 'one', ipAddr: '10.0.0.1' })
    const source = eurekaSource({ host: [bad.url, good.url] }, scope())
    assert.equal((await source.ask('orders', signal())).instances.length, 1)
    await source.close?.()
  })
})
