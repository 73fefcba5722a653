import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { consulEntry, startFakeConsul } from '../../../test/support/fake-consul.ts'
import { scope } from '../../../test/support/source-scope.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import type { Found } from '../discovery.ts'
import { consulSource } from './consul.ts'
import { sourceContract } from './contract.ts'

const signal = () => AbortSignal.timeout(5000)
const TOKEN = 'secret-acl-token'

sourceContract({
  name: 'consul (with a token)',
  service: 'orders',
  secrets: [TOKEN],
  async start() {
    const fake = await startFakeConsul(TOKEN)
    const set = (hosts: readonly string[]) =>
      fake.set(
        'orders',
        hosts.map((host) => consulEntry(host)),
      )
    return {
      source: () => consulSource({ address: fake.url, token: TOKEN }, scope()),
      set,
      remove: () => set([]),
      fault: fake.fault,
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
    }
  },
})

const shown = ({ host, port, weight, zone, metadata }: Found) =>
  `${host}:${port} ${weight} ${zone} ${JSON.stringify(metadata)}`

async function askFor(entries: readonly object[], options: JsonObject = {}) {
  await using fake = await startFakeConsul()
  fake.set('orders', entries)
  const source = consulSource({ address: fake.url, ...options }, scope())
  const { instances, notes } = await source.ask('orders', signal())
  await source.close?.()
  return { instances: instances.map(shown), notes, questions: fake.questions }
}

describe('consul', () => {
  it("takes the node's address where the service has none", async () => {
    const { instances } = await askFor([consulEntry(':80')])
    assert.deepEqual(instances, ['10.9.9.9:80 1  {}'])
  })

  it('weighs by what the checks say, and leaves critical ones out', async () => {
    const Weights = { Passing: 10, Warning: 2 }
    const entries = [
      consulEntry('10.0.0.1:1', { Weights }),
      consulEntry('10.0.0.2:2', { Weights }, ['passing', 'warning']),
      consulEntry('10.0.0.3:3', { Weights }, ['warning', 'critical']),
    ]
    const { instances, notes } = await askFor(entries)
    assert.deepEqual(instances, ['10.0.0.1:1 10  {}', '10.0.0.2:2 2  {}'])
    assert.match(notes.join(), /10\.0\.0\.3:3: dropped, a check is critical/)
    assert.deepEqual((await askFor(entries, { warning: false })).instances, ['10.0.0.1:1 10  {}'])
  })

  it('keeps zone, metadata and tags; drops what has no port or no service', async () => {
    const { instances, notes } = await askFor([
      consulEntry('10.0.0.1:1', { Meta: { zone: 'a', v: '2' }, Tags: ['x', 'y'] }),
      consulEntry('10.0.0.2:0'),
      { Node: {}, Checks: [] },
    ])
    assert.deepEqual(instances, ['10.0.0.1:1 1 a {"zone":"a","v":"2","tags":"x,y"}'])
    assert.equal(notes.length, 3)
  })

  it('asks for datacenter, namespace, tags and filter', async () => {
    const { questions } = await askFor([consulEntry('10.0.0.1:1')], {
      ...{
        datacenter: 'dc2',
        namespace: 'shop',
        tags: ['a', 'b'],
        filter: 'Service.Meta.v == "2"',
      },
    })
    assert.deepEqual(questions, [
      'GET /v1/health/service/orders?dc=dc2&ns=shop&filter=Service.Meta.v+%3D%3D+%222%22&tag=a&tag=b',
    ])
  })

  it('waits with the index it has, and without one after the index went back', async () => {
    await using fake = await startFakeConsul()
    fake.set('orders', [consulEntry('10.0.0.1:1')])
    fake.setIndex(100)
    const source = consulSource({ address: fake.url, wait: '200ms' }, scope())
    const over = new AbortController()
    const heard = Promise.withResolvers<void>()
    let count = 0
    const watching = source.watch?.(
      'orders',
      () => {
        count++
        if (count === 1) setTimeout(() => fake.setIndex(7), 10)
        if (count === 4) heard.resolve()
      },
      over.signal,
    )
    await heard.promise
    over.abort()
    await watching
    await source.close?.()
    const indices = fake.questions.map((one) =>
      new URL(one.slice(4), 'http://x').searchParams.get('index'),
    )
    assert.deepEqual(indices.slice(0, 4), [null, '100', null, '7'])
  })

  it('fails when the token is refused', async () => {
    await using fake = await startFakeConsul('right-token')
    const source = consulSource({ address: fake.url, token: 'wrong-token' }, scope())
    await assert.rejects(source.ask('orders', signal()), /answered 403: ACL not found/)
    await source.close?.()
  })
})
