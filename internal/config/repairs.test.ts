import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Repairs } from './repairs.ts'

const DOCUMENT = { a: [10, { b: 1, c: [1, 2, 3] }, 30, 40], d: 'x' }

test('values are left out, replaced and added, and the document itself stays as it is', () => {
  const repairs = new Repairs()
  repairs.add(['a', 0])
  repairs.add(['a', 1, 'b'], 2)
  repairs.add(['a', 1, 'new'], 'put in')
  repairs.add(['a', 1, 'c', 1])
  repairs.add(['d'])
  assert.deepEqual(repairs.made(DOCUMENT), { a: [{ b: 2, c: [1, 3], new: 'put in' }, 30, 40] })
  assert.deepEqual(DOCUMENT.a[0], 10)
})

test('a path of the repaired document leads back to where it was written', () => {
  const repairs = new Repairs()
  assert.deepEqual(repairs.written(['a', 2]), ['a', 2])
  repairs.add(['a', 0])
  repairs.add(['a', 2])
  repairs.add(['a', 1, 'c', 0])
  assert.deepEqual(repairs.written(['a', 1]), ['a', 3])
  assert.deepEqual(repairs.written(['a', 0, 'c', 1]), ['a', 1, 'c', 2])
  assert.deepEqual(repairs.written(['d', 'e']), ['d', 'e'])
})

test('tells how a place was repaired, and whether anything around it or in it was', () => {
  const repairs = new Repairs()
  repairs.add(['a', 1, 'b'])
  repairs.add(['d'], 'y')
  assert.equal(repairs.at(['a', 1, 'b']), 'left out')
  assert.equal(repairs.at(['d']), 'replaced')
  assert.equal(repairs.at(['a', 1]), undefined)
  assert.ok(repairs.touches(['a', 1, 'b', 'c']) && repairs.touches(['a']) && repairs.touches(['d']))
  assert.ok(!repairs.touches(['a', 2]) && !repairs.touches(['a', 1, 'c']))
})

test('a key that is called __proto__ is a key like any other', () => {
  const document = JSON.parse('{"__proto__": {"a": 1, "b": 2}}')
  const repairs = new Repairs()
  repairs.add(['__proto__', 'a'])
  assert.equal(JSON.stringify(repairs.made(document)), '{"__proto__":{"b":2}}')
})
