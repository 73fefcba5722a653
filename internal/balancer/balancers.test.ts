import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { listOf, requestWith } from '../../test/support/snapshots.ts'
import type { Snapshot } from '../discovery/discovery.ts'
import { sharedWords, wordMemory } from '../process/shared-memory.ts'
import { balancerOf } from './balancer-of.ts'
import { hash } from './hash.ts'
import { withRings } from './hash-ring.ts'
import { InFlight } from './in-flight.ts'
import { leastRequests } from './least-requests.ts'
import { withoutHosts } from './without-hosts.ts'
import { zoneFirst } from './zone-first.ts'

const cursor = () => sharedWords(wordMemory(1)).word('cursor')
const scope = () => ({ cursor: cursor(), random: Math.random, inFlight: new InFlight() })
const many = (count: number) => listOf(...Array.from({ length: count }, () => ({})))
const tenant = (name: string) => requestWith({ headers: ['X-Tenant', name] })

describe('hash', () => {
  const byTenant = hash({ key: 'header:X-Tenant', random: Math.random })

  it('sends the same key to the same host, in every thread and process', () => {
    const list = many(5)
    const again = hash({ key: 'header:X-Tenant', random: Math.random })
    for (let at = 0; at < 100; at++)
      assert.equal(byTenant(list, tenant(`t${at}`)), again(many(5), tenant(`t${at}`)))
    assert.equal(byTenant(list, tenant('t1')), 1)
  })

  it('moves only the keys of a host that leaves', () => {
    const list = many(8)
    const fewer = withoutHosts(list, new Set([3]))
    for (let at = 0; at < 1000; at++) {
      const before = byTenant(list, tenant(`t${at}`))
      const after = byTenant(fewer, tenant(`t${at}`))
      if (before === 3) assert.notEqual(after, 3)
      else assert.equal(after, before)
    }
  })

  it('gives hosts keys by their weight', () => {
    const list = listOf({ weight: 1 }, { weight: 3 })
    let heavy = 0
    for (let at = 0; at < 10_000; at++) heavy += byTenant(list, tenant(`tenant-${at}`))
    assert.ok(heavy > 6700 && heavy < 8300, `${heavy} of 10000`)
  })

  it('reads headers, cookies, parameters and the client’s address', () => {
    const list = many(64)
    const request = (value: string) =>
      requestWith({
        headers: ['Cookie', `a=1; sid=${value}`, 'X-Forwarded-For', value],
        params: { Id: value },
      })
    for (const key of ['cookie:sid', 'param:id', 'client']) {
      const choose = hash({ key, random: () => 0 })
      const chosen = new Set(Array.from({ length: 50 }, (_, at) => choose(list, request(`v${at}`))))
      assert.ok(chosen.size > 20, `${key}: ${chosen.size}`)
      assert.equal(choose(list, request('x')), choose(list, request('x')))
    }
  })

  it('spreads requests without the key', () => {
    const chosen = new Set(Array.from({ length: 200 }, () => byTenant(many(4), requestWith())))
    assert.equal(chosen.size, 4)
  })
})

describe('a ring that comes with a list', () => {
  const { balance } = balancerOf(
    { extraConfig: { 'backend/discovery': { balancer: { type: 'hash', key: 'param:id' } } } },
    scope(),
  )
  const byId = (list: Snapshot, id: number) =>
    balance(list, requestWith({ params: { Id: `${id}` } }))
  const ids = Array.from({ length: 300 }, (_, id) => id)

  it('is walked as it is: no request makes one', () => {
    const ring = { points: Uint32Array.of(0), hosts: Uint32Array.of(2) }
    const list = { ...many(4), rings: [ring] }
    assert.deepEqual(new Set(ids.map((id) => byId(list, id))), new Set([2]))
  })

  it('leads to the same hosts as one that a request made', () => {
    const list = many(4)
    assert.deepEqual(
      ids.map((id) => byId(withRings(list), id)),
      ids.map((id) => byId(list, id)),
    )
  })

  it('stays when a host is out: only that one’s keys go elsewhere', () => {
    const list = withRings(many(4))
    const left = withoutHosts(list, new Set([1]))
    assert.equal(left.rings?.[0], list.rings?.[0])
    for (const id of ids) {
      const before = byId(list, id)
      if (before !== 1) assert.equal(byId(left, id), before)
      else assert.notEqual(byId(left, id), 1)
    }
  })

  it('is there for each tier', () => {
    const list = withRings(listOf({}, { tier: 10 }, { tier: 10 }))
    const second = withoutHosts(list, new Set([0]))
    assert.equal(second.rings?.[0], list.rings?.[1])
    assert.deepEqual(new Set(ids.map((id) => byId(second, id))), new Set([1, 2]))
  })

  it('serves a zone without those outside it', () => {
    const zones = ['a', 'b', 'a', 'b'].map((zone) => ({ zone }))
    const local = zoneFirst('b', balance)
    const list = withRings(listOf(...zones))
    const chosen = ids.map((id) => local(list, requestWith({ params: { Id: `${id}` } })))
    assert.deepEqual(new Set(chosen), new Set([1, 3]))
  })
})

describe('what a balancer derives of a list', () => {
  for (const [name, balancer] of Object.entries({
    zone: { balancer: 'zone', zone: 'a' },
    hash: { balancer: { type: 'hash', key: 'param:id' } },
    'hash in a zone': { balancer: { type: 'hash', key: 'param:id' }, zone: 'a' },
  }))
    it(`is there before requests are: ${name}`, () => {
      let reads = 0
      const whole = listOf({ zone: 'a' }, { zone: 'b' })
      const list = {
        ...whole,
        get instances() {
          reads++
          return whole.instances
        },
        get urls() {
          reads++
          return whole.urls
        },
      }
      const { balance } = balancerOf({ extraConfig: { 'backend/discovery': balancer } }, scope())
      balance.prepare?.(list)
      const prepared = reads
      assert.ok(prepared > 0)
      balance(list, requestWith({ params: { Id: '1' } }))
      assert.equal(reads, prepared)
    })
})

describe('least requests', () => {
  it('prefers the host with fewer requests under way', () => {
    const inFlight = new InFlight()
    const list = many(2)
    inFlight.begin('http://node0:80')
    const choose = leastRequests({ random: Math.random, inFlight })
    let first = 0
    for (let call = 0; call < 4000; call++) first += choose(list, requestWith()) === 0 ? 1 : 0
    // Only when both choices fall on it.
    assert.ok(first > 800 && first < 1200, `${first}`)
    inFlight.end('http://node0:80')
    assert.equal(inFlight.at('http://node0:80'), 0)
  })
})

describe('zone first', () => {
  const list = listOf({ zone: 'a' }, { zone: 'a' }, { zone: 'b' }, { zone: 'b' })
  const start = () => {
    const { balance } = balancerOf(
      { extraConfig: { 'backend/discovery': { balancer: 'zone', zone: 'a' } } },
      scope(),
    )
    return (hosts: typeof list) =>
      new Set(Array.from({ length: 100 }, () => balance(hosts, requestWith())))
  }

  it('stays in the zone', () => assert.deepEqual([...start()(list)].toSorted(), [0, 1]))

  it('spills over when less than half of the zone is left', () => {
    assert.deepEqual([...start()(withoutHosts(list, new Set([0])))].toSorted(), [1])
    const uneven = listOf({ zone: 'a', weight: 3 }, { zone: 'a' }, { zone: 'b' })
    assert.deepEqual([...start()(withoutHosts(uneven, new Set([0])))].toSorted(), [1, 2])
  })

  it('goes everywhere when the list has no such zone', () => {
    const balance = zoneFirst('c', () => 7)
    assert.equal(balance(list, requestWith()), 7)
    assert.equal(start()(listOf({ zone: 'b' }, { zone: 'c' })).size, 2)
  })

  it('is exact within the zone', () => {
    const { balance } = balancerOf({ extraConfig: { 'backend/discovery': { zone: 'a' } } }, scope())
    const calls = [0, 0, 0, 0]
    for (let call = 0; call < 1000; call++) {
      const at = balance(list, requestWith())
      calls[at] = (calls[at] ?? 0) + 1
    }
    assert.deepEqual(calls, [500, 500, 0, 0])
  })
})

describe('tiers', () => {
  it('serve one after the other, and the whole list when nobody is left', () => {
    const list = listOf({}, { tier: 10 }, { tier: 20 }, { tier: 10 })
    assert.deepEqual(list.slots, [0])
    assert.deepEqual([...withoutHosts(list, new Set([0])).slots].toSorted(), [1, 3])
    assert.deepEqual(withoutHosts(list, new Set([0, 1, 3])).slots, [2])
    assert.equal(withoutHosts(list, new Set([0, 1, 2, 3])), list)
  })

  it('never mix, whatever their weights', () => {
    const hosts = fc.array(fc.record({ tier: fc.nat({ max: 3 }), weight: fc.nat({ max: 5 }) }), {
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(hosts, (parts) => {
        const list = listOf(...parts)
        const tiers = [list.slots, ...(list.tiers ?? [])].map(
          (slots) => new Set(slots.map((host) => list.instances[host]?.tier)),
        )
        assert.ok(tiers.every((tier) => tier.size <= 1))
      }),
    )
  })
})

describe('a balancer of the configuration', () => {
  for (const [what, written] of Object.entries({
    'a type nobody knows': { balancer: 'fastest' },
    'a type that every object has': { balancer: 'toString' },
    'hash without a key': { balancer: 'hash' },
    'a key nobody knows': { balancer: { type: 'hash', key: 'body:id' } },
    'zone without a zone': { balancer: 'zone' },
  })) {
    it(`cannot be ${what}`, () => {
      const extraConfig = { 'backend/discovery': written }
      assert.throws(() => balancerOf({ extraConfig }, scope()), { name: 'ConfigError' })
    })
  }
})
