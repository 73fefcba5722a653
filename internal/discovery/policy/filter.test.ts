import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hosts, names } from '../../../test/support/found.ts'
import type { Found } from '../discovery.ts'
import { filtered } from './filter.ts'

const ALL = { metadata: {}, tags: [], port: '' }
const list = (metadata: Readonly<Record<string, Record<string, string>>>): Found[] =>
  Object.entries(metadata).flatMap(([name, own]) =>
    hosts(name).map((one) => ({ ...one, metadata: own })),
  )

describe('filters', () => {
  it('are the list itself when nothing is filtered', () => {
    const all = list({ a: {} })
    assert.equal(filtered(all, ALL).instances, all)
  })

  it('take instances whose metadata and tags are as wanted, and say why others are not', () => {
    const all = list({
      a: { version: 'v2', tags: 'prod,blue' },
      b: { version: 'v1', tags: 'prod' },
      c: { version: 'v2', tags: 'production' },
    })
    const { instances, notes } = filtered(all, {
      ...ALL,
      metadata: { version: 'v2' },
      tags: ['prod'],
    })
    assert.deepEqual(names(instances), ['a'])
    assert.deepEqual(notes, [
      'b:80: dropped, its version is "v1", not "v2"',
      'c:80: dropped, it has no tag "prod"',
    ])
  })

  it('do not take what every object has for metadata', () => {
    const { instances } = filtered(list({ a: {} }), { ...ALL, metadata: { toString: 'x' } })
    assert.deepEqual(instances, [])
  })

  it('choose a port by number or by name, and drop who has none of that name', () => {
    const all = list({ a: { 'port.admin': '9000' }, b: {} })
    assert.deepEqual(
      filtered(all, { ...ALL, port: '81' }).instances.map(({ port }) => port),
      [81, 81],
    )
    const named = filtered(all, { ...ALL, port: 'admin' })
    assert.deepEqual(
      named.instances.map(({ port }) => port),
      [9000],
    )
    assert.deepEqual(named.notes, ['b:80: dropped, it has no port "admin"'])
  })
})
