import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FakeNacosOptions, startFakeNacos } from '../../../test/support/fake-nacos.ts'
import { scope } from '../../../test/support/source-scope.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import type { Found } from '../discovery.ts'
import { sourceContract } from './contract.ts'
import { nacosSource } from './nacos.ts'

const signal = () => AbortSignal.timeout(5000)
const login = { username: 'nacos', password: 'pass-of-nacos' }
const at = (place: string) => {
  const [ip, port] = place.split(':')
  return { ip, port: Number(port), weight: 1, healthy: true, enabled: true, metadata: {} }
}

for (const version of [1, 3] as const)
  sourceContract({
    name: `nacos (v${version}, with user and password)`,
    service: 'orders',
    secrets: [login.password, 'secret-token'],
    async start() {
      const fake = await startFakeNacos({ version, password: login.password })
      const set = (hosts: readonly string[]) => fake.set('orders', hosts.map(at))
      return {
        source: () => nacosSource({ host: fake.url, ...login }, scope()),
        set,
        remove: () => set([]),
        fault: fake.fault,
        expire: fake.expire,
        [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
      }
    },
  })

const shown = ({ host, port, weight, zone }: Found) => `${host}:${port} ${weight} ${zone}`.trim()

async function askFor(hosts: readonly object[], more: object = {}, options: FakeNacosOptions = {}) {
  await using fake = await startFakeNacos(options)
  fake.set('orders', hosts, more)
  const source = nacosSource({ host: [fake.url] }, scope())
  const { instances, notes } = await source.ask('orders', signal())
  await source.close?.()
  return { instances: instances.map(shown), notes: notes.join('; ') }
}

describe('nacos', () => {
  it('keeps float weights and weight 0, and drops what is unhealthy or not enabled', async () => {
    const hosts = [
      { ...at('10.0.0.1:1'), weight: 2.5, metadata: { zone: 'a' } },
      { ...at('10.0.0.2:2'), weight: 0 },
      { ...at('10.0.0.3:3'), healthy: false },
      { ...at('10.0.0.4:4'), enabled: false },
    ]
    for (const version of [1, 3] as const) {
      const { instances, notes } = await askFor(hosts, {}, { version })
      assert.deepEqual(instances, ['10.0.0.1:1 2.5 a', '10.0.0.2:2 0'])
      assert.match(
        notes,
        /10\.0\.0\.3:3: dropped, it is not healthy; 10\.0\.0\.4:4: dropped, it is not enabled/,
      )
    }
  })

  it('takes unhealthy ones too when the protection threshold is reached', async () => {
    const hosts = [at('10.0.0.1:1'), { ...at('10.0.0.2:2'), healthy: false }]
    const { instances } = await askFor(hosts, { reachProtectionThreshold: true })
    assert.deepEqual(instances, ['10.0.0.1:1 1', '10.0.0.2:2 1'])
  })

  it('asks in the namespace and group of the options, or in the group before @@', async () => {
    await using fake = await startFakeNacos()
    fake.set('dev shop orders', [at('10.0.0.1:1')])
    fake.set('dev other orders', [at('10.0.0.2:2')])
    const source = nacosSource({ host: fake.url, namespace: 'dev', group: 'shop' }, scope())
    const ask = async (name: string) => (await source.ask(name, signal())).instances.map(shown)
    assert.deepEqual(await ask('orders'), ['10.0.0.1:1 1'])
    assert.deepEqual(await ask('other@@orders'), ['10.0.0.2:2 1'])
    await source.close?.()
  })

  it('renews its token before the end of its life, and logs in once for many', async () => {
    await using fake = await startFakeNacos({ password: login.password, tokenTtl: 100 })
    fake.set('orders', [at('10.0.0.1:1')])
    let now = 0
    const source = nacosSource({ host: fake.url, ...login }, { ...scope(), now: () => now })
    const many = () => Promise.all(Array.from({ length: 10 }, () => source.ask('orders', signal())))
    await many()
    now = 79_000
    await many()
    assert.equal(fake.logins(), 1)
    now = 81_000
    await many()
    assert.equal(fake.logins(), 2)
    await source.close?.()
  })

  it('says when user and password are refused', async () => {
    await using fake = await startFakeNacos({ password: 'another' })
    const source = nacosSource({ host: fake.url, ...login }, scope())
    await assert.rejects(source.ask('orders', signal()), { failure: 'unreachable' })
    await source.close?.()
  })

  it('uses the API that the prefix names, without trying others', async () => {
    await using fake = await startFakeNacos({ version: 3 })
    fake.set('orders', [at('10.0.0.1:1')])
    const of = (prefix: JsonObject) => nacosSource({ host: fake.url, ...prefix }, scope())
    await assert.rejects(of({ prefix: '/nacos/v1/' }).ask('orders', signal()), /410/)
    assert.equal((await of({ prefix: 'nacos/v3' }).ask('orders', signal())).instances.length, 1)
    assert.equal(
      (await of({ prefix: '/nacos/v3/client/' }).ask('orders', signal())).instances.length,
      1,
    )
  })
})
