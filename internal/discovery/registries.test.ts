import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../pipe/pipe.ts'
import type { Source } from './discovery.ts'
import { Registries } from './registries.ts'

const silent = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }
const scope = { log: silent, now: Date.now, random: Math.random, dnsServers: [], secret() {} }

/** A table with one kind of registry, which notes what is built and closed. */
function kind() {
  const built: JsonObject[] = []
  const closed: JsonObject[] = []
  const fake = (options: JsonObject): Source => {
    built.push(options)
    return {
      ask: async () => ({ instances: [], notes: [] }),
      close: () => void closed.push(options),
    }
  }
  return { table: { fake }, built, closed }
}

describe('registries', () => {
  it('builds each registry of the configuration once', () => {
    const { table, built } = kind()
    const registries = new Registries(table, { 'discovery/fake': { address: 'a' } }, scope)
    const source = registries.source({ sd: 'fake', registry: '' })
    assert.equal(registries.source({ sd: 'fake', registry: '' }), source)
    assert.deepEqual(built, [{ address: 'a' }])
  })

  it('builds one that the configuration does not mention when it is asked for', () => {
    const { table, built } = kind()
    const registries = new Registries(table, {}, scope)
    assert.deepEqual(built, [])
    registries.source({ sd: 'fake', registry: '' })
    assert.deepEqual(built, [{}])
  })

  it('gives every cluster the keys that all share', () => {
    const { table, built } = kind()
    const clusters = { eu: { address: 'eu' }, us: { address: 'us', user: 'other' } }
    const registries = new Registries(table, { 'discovery/fake': { user: 'me', clusters } }, scope)
    assert.deepEqual(built, [
      { user: 'me', address: 'eu' },
      { user: 'other', address: 'us' },
    ])
    assert.ok(registries.source({ sd: 'fake', registry: 'eu' }))
    assert.throws(() => registries.source({ sd: 'fake', registry: 'asia' }), /no registry "asia"/)
  })

  it('refuses a kind that does not exist, and names those that do', () => {
    const registries = new Registries(kind().table, {}, scope)
    for (const sd of ['nonsense', '__proto__', 'constructor'])
      assert.throws(() => registries.source({ sd, registry: '' }), /allowed: fake/)
  })

  it('takes over what did not change, and closes the rest', async () => {
    const { table, built, closed } = kind()
    const clusters = { eu: { address: 'eu' }, us: { address: 'us' } }
    const last = new Registries(table, { 'discovery/fake': { clusters } }, scope)
    const changed = { ...clusters, us: { address: 'elsewhere' } }
    const next = new Registries(table, { 'discovery/fake': { clusters: changed } }, scope, last)
    const eu = { sd: 'fake', registry: 'eu' }
    assert.equal(next.source(eu), last.source(eu))
    await last.closeAllBut(next)
    assert.equal(built.length, 3)
    assert.deepEqual(closed, [{ address: 'us' }])
  })
})
