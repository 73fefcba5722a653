import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wantedBy } from './wanted.ts'

const backend = { sdScheme: 'https', hosts: ['one', 'two'], extraConfig: {} } as const

describe('what a backend wants', () => {
  it('is its first host, and for etcd all of them', () => {
    assert.equal(wantedBy({ ...backend, sd: 'consul' }).service, 'one')
    const hosts = ['etcd(a,http://a)', ' http://b ']
    assert.equal(wantedBy({ ...backend, sd: 'etcd', hosts }).service, 'etcd(a,http://a) http://b')
  })

  it('is asked of the registry that backend/discovery names', () => {
    const extraConfig = { 'backend/discovery': { registry: 'eu' } }
    assert.equal(wantedBy({ ...backend, sd: 'consul', extraConfig }).registry, 'eu')
    assert.equal(wantedBy({ ...backend, sd: 'consul' }).registry, '')
  })
})
