import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onceEach } from './once-each.ts'

test('equal options give the same part, others another', () => {
  let built = 0
  const partOf = onceEach((options: { readonly names: readonly string[] }) => {
    built++
    return { options }
  })
  const first = partOf({ names: ['a', 'b'] })
  assert.equal(partOf({ names: ['a', 'b'] }), first)
  assert.notEqual(partOf({ names: ['a,b'] }), first)
  assert.equal(built, 2)
})
