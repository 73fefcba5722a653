import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instanceOrigin, instanceUrl, snapshot } from '../snapshot.ts'
import { staticInstance, staticSource } from './static.ts'

const silent = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }
const scope = { log: silent, now: Date.now, random: Math.random, dnsServers: [], secret() {} }

const parts = (written: string) => {
  const { scheme, host, port, basePath } = staticInstance(written)
  return [scheme, host, port, basePath]
}

describe('static hosts', () => {
  it('are read into their parts', () => {
    assert.deepEqual(parts('http://api:8080'), ['http', 'api', 8080, ''])
    assert.deepEqual(parts('https://api.test'), ['https', 'api.test', 443, ''])
    assert.deepEqual(parts('http://[::1]:81/v2/'), ['http', '::1', 81, '/v2'])
  })

  it('stay as they are written, even when they are no URLs', () => {
    const written = ['http://api:8080', 'http://API/v2', 'just a name', 'ftp://x', '']
    const { urls } = snapshot({
      name: 'fixed',
      version: 1,
      scheme: 'https',
      found: written.map(staticInstance),
    })
    assert.deepEqual(urls, written)
  })

  it('weigh as much as they are repeated', () => {
    const found = ['http://a', 'http://b', 'http://a'].map(staticInstance)
    const { urls, slots } = snapshot({ name: 'fixed', version: 1, scheme: 'http', found })
    assert.deepEqual(urls, ['http://a', 'http://b'])
    assert.deepEqual(slots.toSorted(), [0, 0, 1])
  })

  it('are pools by their scheme and authority', () => {
    const instance = { ...staticInstance('http://API/v2?x'), scheme: 'http' as const }
    assert.equal(instanceOrigin(instance), 'http://API')
    assert.equal(instanceUrl(instance), 'http://API/v2?x')
  })

  it('are a source too, for the end of a chain', async () => {
    const source = staticSource({ hosts: ['http://a'] }, scope)
    const { instances } = await source.ask('', new AbortController().signal)
    assert.deepEqual(
      instances.map(({ host }) => host),
      ['a'],
    )
    assert.throws(() => staticSource({ hosts: [1] }, scope), { name: 'ConfigError' })
  })
})
