import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonValue } from '../pipe/pipe.ts'
import { nodeAt, positionsOf } from './positions.ts'
import { jsonSource } from './source-json.ts'

type Leaf = { readonly path: (string | number)[]; readonly value: JsonValue }

function leaves(value: JsonValue, path: (string | number)[] = []): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((item, at) => leaves(item, [...path, at]))
  if (typeof value !== 'object' || value === null) return [{ path, value }]
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))
}

test('every value of any JSON text is found where it stands', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2), (json, indent) => {
      const text = JSON.stringify(json, null, indent)
      const value: JsonValue = JSON.parse(text)
      const source = jsonSource(text)
      for (const leaf of leaves(value)) {
        const { node, isWhole } = nodeAt(source, leaf.path, () => [])
        assert.ok(isWhole)
        assert.ok(text.startsWith(JSON.stringify(leaf.value), node.start))
      }
    }),
  )
})

test('a key is found too, the last of two equal ones', () => {
  const text = '{"a": 1,\n "a" : 2}'
  const { node } = nodeAt(jsonSource(text), ['a'], () => [])
  assert.deepEqual(positionsOf(text)(node.keyStart), { line: 2, column: 2 })
  assert.deepEqual(positionsOf(text)(node.start), { line: 2, column: 8 })
})

test('a path that leads beyond the text ends at what it has', () => {
  const { node, isWhole } = nodeAt(jsonSource('{"host": "x"}'), ['host', 0], () => [])
  assert.equal(isWhole, false)
  assert.equal(node.start, 9)
})
