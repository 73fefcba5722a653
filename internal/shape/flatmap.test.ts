import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { flatmapFor } from './flatmap.ts'
import { shaperFor } from './shape.ts'

type Operation = readonly [type: string, ...args: string[]]
const config = (operations: readonly Operation[]) =>
  operations.map(([type, ...args]) => ({ type, args }))
const run = (data: JsonObject, ...operations: Operation[]): JsonObject | null => {
  const flatmap = flatmapFor(config(operations))
  assert.ok(flatmap)
  return flatmap(data)
}

const LIST: JsonObject = {
  l: [
    { x: 1, p: { n: 10 } },
    { x: 2, p: { n: 20 } },
  ],
  a: 1,
  b: { c: 2 },
}

test('del removes paths; a wildcard is any key or index', () => {
  assert.deepEqual(run(LIST, ['del', 'l.*.p', 'a', 'nope.x']), {
    l: [{ x: 1 }, { x: 2 }],
    b: { c: 2 },
  })
})

test('items of lists keep their index while operations run; gaps close in the end', () => {
  assert.deepEqual(run({ l: ['a', 'b', 'c'] }, ['del', 'l.0'], ['del', 'l.1']), { l: ['c'] })
  assert.deepEqual(run({ l: ['a', 'b'] }, ['del', 'l.0', 'l.0']), { l: ['b'] })
})

test('what loses all it had becomes null, what was empty stays', () => {
  assert.deepEqual(
    run({ b: { c: 2 }, l: [1], e: [], o: {} }, ['del', 'b.c', 'l.*', 'e.*', 'o.x']),
    {
      b: null,
      l: null,
      e: [],
      o: {},
    },
  )
  assert.equal(run({ a: 1 }, ['del', '*']), null)
})

test('move between paths of one length renames the last segment only', () => {
  assert.deepEqual(run(LIST, ['move', 'l.*.p.n', 'zzz.*.p.amount'])?.['l'], [
    { x: 1, p: { amount: 10 } },
    { x: 2, p: { amount: 20 } },
  ])
  assert.deepEqual(run({ a: 1, z: 9 }, ['move', 'a', 'z']), { z: 1 })
  assert.deepEqual(run({ a: 1 }, ['move', '*', 'z']), { a: 1 })
})

test('move to a longer path sinks below the place it comes from', () => {
  assert.deepEqual(run({ a: 1, b: { c: 2 } }, ['move', 'a', 'b.a']), { b: { c: 2, a: 1 } })
  assert.deepEqual(run({ a: { b: 1 } }, ['move', 'a.b', 'l.*.b']), { a: { '*': { b: 1 } } })
})

test('move to a shorter path raises, with the labels the wildcards matched', () => {
  assert.deepEqual(run(LIST, ['move', 'l.*.p.n', 'l.*.n'], ['del', 'l.*.p'])?.['l'], [
    { x: 1, n: 10 },
    { x: 2, n: 20 },
  ])
  assert.deepEqual(run(LIST, ['move', 'l.*.x', 'x'])?.['x'], 2)
  assert.deepEqual(run({ b: { c: 2 } }, ['move', 'b.c', 'c']), { b: null, c: 2 })
})

test('append puts one list behind another, and does nothing without both', () => {
  assert.deepEqual(run({ y: [1], z: [2, 3] }, ['append', 'y', 'z']), { z: [2, 3, 1] })
  assert.deepEqual(run({ y: [1] }, ['append', 'y', 'z']), { y: [1] })
  assert.deepEqual(run({ y: [1], z: 2 }, ['append', 'y', 'z']), { y: [1], z: 2 })
  assert.deepEqual(run({ y: [9], z: [1, 2] }, ['del', 'z.0'], ['append', 'y', 'z']), { z: [2, 9] })
})

test('operations that are unknown or no objects are left out', () => {
  assert.equal(flatmapFor([null, 'x', { args: ['a'] }]), undefined)
  assert.deepEqual(run({ a: 1 }, ['copy', 'a', 'z']), { a: 1 })
})

test('missing or wrong arguments stop the start', () => {
  assert.throws(() => flatmapFor(config([['move', 'a']])), ConfigError)
  assert.throws(() => flatmapFor(config([['append']])), ConfigError)
  assert.throws(() => flatmapFor([{ type: 'del', args: [1] }]), ConfigError)
})

test('at a backend it stands in for allow, deny and mapping, between target and group', () => {
  const shape = shaperFor({
    target: 'b',
    allow: ['nope'],
    deny: ['d'],
    mapping: { d: 'e' },
    group: 'g',
    extraConfig: { proxy: { flatmap_filter: config([['move', 'c', 'd']]) } },
  })
  assert.deepEqual(shape?.(LIST), { g: { d: 2 } })
  assert.equal(
    shaperFor({
      target: '',
      allow: [],
      deny: [],
      mapping: {},
      group: '',
      extraConfig: { proxy: { flatmap_filter: config([['del', 'a']]) } },
    })?.(null),
    null,
  )
})

test('what no path names is handed on, not copied', () => {
  const big = { deep: [1, 2, 3] }
  assert.equal(run({ big, a: 1 }, ['del', 'a'])?.['big'], big)
})
