import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { editDistance, nearestName } from './nearest.ts'

test('a slip of the pen finds the name that was meant', () => {
  assert.equal(nearestName('tiemout', ['timeout', 'tls', 'name']), 'timeout')
  assert.equal(
    nearestName('inputheaders', ['input_headers', 'input_query_strings']),
    'input_headers',
  )
  assert.equal(nearestName('Endpoint', ['endpoints', 'extra_config']), 'endpoints')
})

test('another name finds nothing', () => {
  assert.equal(nearestName('colour', ['timeout', 'port']), undefined)
  assert.equal(nearestName('xyz', []), undefined)
})

test('the distance is symmetric, zero only for equal names, and at most the longer length', () => {
  const name = fc.string({ maxLength: 8 })
  fc.assert(
    fc.property(name, name, (from, to) => {
      const distance = editDistance(from, to)
      assert.equal(distance, editDistance(to, from))
      assert.equal(distance === 0, from === to)
      assert.ok(distance <= Math.max(from.length, to.length))
    }),
  )
})
