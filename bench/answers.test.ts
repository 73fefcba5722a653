import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemOf } from './answers.ts'
import type { Exchange } from './exchange.ts'

const exchange: Exchange = { method: 'GET', sent: [{ path: '/a' }], answer: { a: 1, b: [2] } }

test('accepts the right JSON whatever the order of its keys', () => {
  assert.equal(problemOf({ status: 200, body: '{"b":[2],"a":1}' }, exchange), undefined)
})

for (const [name, answer] of [
  ['another value', { status: 200, body: '{"a":2,"b":[2]}' }],
  ['one key more', { status: 200, body: '{"a":1,"b":[2],"c":3}' }],
  ['no JSON', { status: 200, body: '<html>' }],
  ['the right JSON with another status', { status: 404, body: '{"a":1,"b":[2]}' }],
] as const)
  test(`refuses ${name}`, () => {
    assert.match(String(problemOf(answer, exchange)), /^answered/)
  })
