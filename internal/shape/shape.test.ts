import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rawNumber } from '../decode/numbers.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { shaperFor } from './shape.ts'

type Shaping = Parameters<typeof shaperFor>[0]
const NOTHING: Shaping = {
  target: '',
  allow: [],
  deny: [],
  mapping: {},
  group: '',
  extraConfig: {},
}
const shaped = (shaping: Partial<Shaping>, data: JsonObject | null): JsonObject | null => {
  const shape = shaperFor({ ...NOTHING, ...shaping })
  assert.ok(shape)
  return shape(data)
}

const DATA: JsonObject = {
  id: 7,
  address: { city: 'Vienna', geo: { lat: 48.2, lon: 16.3 } },
  tags: [{ k: 'a' }],
  none: null,
}

test('nothing configured is no shaping at all', () => {
  assert.equal(shaperFor(NOTHING), undefined)
  assert.equal(shaperFor({ ...NOTHING, mapping: { a: 'a' } }), undefined)
  assert.equal(shaperFor({ ...NOTHING, extraConfig: { proxy: { flatmap_filter: [] } } }), undefined)
})

test('target takes an object inside, and gives an empty one where there is none', () => {
  assert.deepEqual(shaped({ target: 'address.geo' }, DATA), { lat: 48.2, lon: 16.3 })
  for (const target of ['nope', 'id', 'tags', 'address.city.x', 'none', 'toString'])
    assert.deepEqual(shaped({ target }, DATA), {}, target)
  assert.deepEqual(shaped({ target: 'a' }, null), {})
  assert.deepEqual(shaped({ target: 'a' }, { a: rawNumber('1e400') }), {})
})

test('allow keeps the listed fields; objects without a kept one disappear', () => {
  assert.deepEqual(shaped({ allow: ['id', 'none', 'address.geo.lat'] }, DATA), {
    id: 7,
    none: null,
    address: { geo: { lat: 48.2 } },
  })
  assert.deepEqual(shaped({ allow: ['address.nope', 'tags.k', 'id.x', 'constructor'] }, DATA), {})
  assert.deepEqual(shaped({ allow: ['n.rawJSON'] }, { n: rawNumber('1e400') }), {})
})

test('of allow entries for a field and its part the later one counts', () => {
  assert.deepEqual(shaped({ allow: ['address', 'address.city'] }, DATA), {
    address: { city: 'Vienna' },
  })
  assert.deepEqual(shaped({ allow: ['address.city', 'address'] }, DATA), {
    address: DATA['address'],
  })
})

test('deny leaves out fields and keeps emptied objects; allow beats it', () => {
  assert.deepEqual(shaped({ deny: ['address.city', 'address.geo', 'tags.k', 'none'] }, DATA), {
    id: 7,
    address: {},
    tags: [{ k: 'a' }],
  })
  assert.deepEqual(
    shaped({ deny: ['address.geo', 'address', 'address.city'] }, { address: { city: 1 }, b: 2 }),
    { b: 2 },
  )
  assert.deepEqual(shaped({ allow: ['id'], deny: ['id'] }, DATA), { id: 7 })
})

test('mapping renames top-level fields, over a field that has the new name', () => {
  assert.deepEqual(shaped({ mapping: { a: 'z' } }, { a: 1, z: 2, b: 3 }), { z: 1, b: 3 })
  assert.deepEqual(shaped({ mapping: { a: 'z.y' } }, { a: 1 }), { z: 1 })
  assert.deepEqual(shaped({ mapping: { a: 'b', b: 'a' } }, { a: 1, b: 2 }), { a: 2, b: 1 })
  assert.deepEqual(shaped({ allow: ['z', 'a'], mapping: { a: 'z' } }, { a: 1, z: 2 }), { z: 1 })
  assert.deepEqual(shaped({ deny: ['b'], mapping: { a: 'b' } }, { a: 1, b: 2 }), { b: 1 })
})

test('group wraps everything, also nothing', () => {
  assert.deepEqual(shaped({ group: 'g', allow: ['nope'] }, DATA), { g: {} })
  assert.deepEqual(shaped({ group: 'g' }, null), { g: null })
  assert.deepEqual(
    shaped({ group: 'g', target: 'address', mapping: { city: 'town' }, deny: ['geo'] }, DATA),
    { g: { town: 'Vienna' } },
  )
})

test('a __proto__ field is data on every path', () => {
  const data: JsonObject = JSON.parse('{"__proto__":{"x":1,"y":2},"a":1}')
  const text = (shaping: Partial<Shaping>) => JSON.stringify(shaped(shaping, data))
  assert.equal(text({ deny: ['a'] }), '{"__proto__":{"x":1,"y":2}}')
  assert.equal(text({ deny: ['__proto__.x'] }), '{"__proto__":{"y":2},"a":1}')
  assert.equal(text({ allow: ['__proto__.x'] }), '{"__proto__":{"x":1}}')
  assert.equal(text({ target: '__proto__' }), '{"x":1,"y":2}')
  assert.equal(text({ mapping: { a: '__proto__' } }), '{"__proto__":1}')
  assert.equal(text({ group: '__proto__', allow: ['a'] }), '{"__proto__":{"a":1}}')
  const moved = { proxy: { flatmap_filter: [{ type: 'move', args: ['a', '__proto__.z'] }] } }
  assert.equal(text({ extraConfig: moved }), '{"__proto__":{"x":1,"y":2,"z":1}}')
  assert.deepEqual(shaped({ target: '__proto__' }, {}), {})
})

const key = fc.constantFrom('a', 'b', 'c', '__proto__')
const { value } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(Object.fromEntries),
}))
const object = fc
  .array(fc.tuple(key, value), { maxLength: 4 })
  .map((pairs): JsonObject => Object.fromEntries(pairs))
const path = fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => keys.join('.'))
const leaf = fc
  .array(fc.constantFrom('a', 'b', 'c', '0', '*'), { minLength: 1, maxLength: 3 })
  .map((keys) => keys.join('.'))
const operation = fc.record({
  type: fc.constantFrom('move', 'del', 'append'),
  args: fc.tuple(leaf, leaf).map((pair) => [...pair]),
})

test('shaping never changes its input, which others may hold', () => {
  const shaping = fc.record({
    allow: fc.array(path, { maxLength: 3 }),
    deny: fc.array(path, { maxLength: 3 }),
    operations: fc.array(operation, { maxLength: 3 }),
  })
  fc.assert(
    fc.property(object, shaping, (data, { allow, deny, operations }) => {
      const before = JSON.stringify(data)
      const extraConfig = { proxy: { flatmap_filter: operations } }
      shaperFor({ ...NOTHING, allow, deny, mapping: { a: 'b' }, extraConfig })?.(data)
      shaperFor({ ...NOTHING, allow, deny, mapping: { a: 'b' } })?.(data)
      assert.equal(JSON.stringify(data), before)
    }),
  )
})

test('deny is what is left when its paths are deleted one by one', () => {
  fc.assert(
    fc.property(object, fc.array(path, { minLength: 1, maxLength: 4 }), (data, paths) => {
      const expected = structuredClone(data)
      for (const each of paths) deleteAt(expected, each.split('.'))
      assert.deepEqual(shaped({ deny: paths }, data), expected)
    }),
  )
})

function deleteAt(data: JsonValue | undefined, keys: readonly string[]): void {
  const [first = '', ...rest] = keys
  if (
    typeof data !== 'object' ||
    data === null ||
    Array.isArray(data) ||
    !Object.hasOwn(data, first)
  )
    return
  if (rest.length === 0) Reflect.deleteProperty(data, first)
  else deleteAt(data[first], rest)
}
