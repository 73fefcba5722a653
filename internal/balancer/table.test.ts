import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { snapshot } from '../discovery/snapshot.ts'
import type { ProxyRequest } from '../pipe/pipe.ts'
import { sharedWords, wordMemory } from '../process/shared-memory.ts'
import { InFlight } from './in-flight.ts'
import { balancers } from './table.ts'

const REQUEST: ProxyRequest = {
  method: 'GET',
  host: '',
  path: '',
  query: [],
  headers: [],
  params: {},
  body: undefined,
}

const list = (weights: readonly number[]) =>
  snapshot({
    name: 'orders',
    version: 1,
    scheme: 'http',
    found: weights.map((weight, at) => {
      const host = `node${at}`
      return { host, port: 80, weight, addresses: [], basePath: '', zone: '', metadata: {} }
    }),
  })

for (const [name, factory] of Object.entries(balancers)) {
  const start = () => {
    return factory({
      cursor: sharedWords(wordMemory(1)).word('cursor'),
      random: Math.random,
      inFlight: new InFlight(),
      key: 'header:X-Tenant',
    })
  }

  describe(`the ${name} balancer`, () => {
    it('chooses hosts that have slots, whatever lists follow each other', () => {
      const weights = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 8 })
      fc.assert(
        fc.property(fc.array(weights, { minLength: 1, maxLength: 20 }), (changes) => {
          const choose = start()
          for (const snapshots of changes.map(list))
            assert.ok(snapshots.slots.includes(choose(snapshots, REQUEST)))
        }),
      )
    })

    it('reaches every host that has slots', () => {
      const choose = start()
      const hosts = list([3, 1, 2])
      const chosen = new Set(Array.from({ length: 600 }, () => choose(hosts, REQUEST)))
      assert.equal(chosen.size, 3)
    })

    it('says so when there is no host', () => {
      assert.throws(() => start()(list([]), REQUEST), { code: 'no-hosts' })
    })
  })
}
