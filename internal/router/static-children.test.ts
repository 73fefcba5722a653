import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { StaticChildren } from './static-children.ts'

test('finds what a map would find, wherever the text stands in a path', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', 'é'), maxLength: 3 })
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 4 }), text, text, (texts, wanted, before) => {
      const children = new StaticChildren<number>()
      for (const [at, one] of texts.entries()) children.add(one, at)
      const known = new Map(texts.map((one, at) => [one, at]))
      const path = `${before}${wanted}/rest`
      assert.equal(
        children.at(path, before.length, before.length + wanted.length),
        known.get(wanted),
      )
      assert.equal(children.get(wanted), known.get(wanted))
      const same = texts.filter((one) => one.toLowerCase() === wanted.toLowerCase())
      assert.deepEqual(
        children.inAnyCase(wanted),
        same.map((one) => ({ text: one, node: known.get(one) })),
      )
    }),
  )
})

test('children that come after somebody asked are found as well', () => {
  const children = new StaticChildren<number>()
  children.add('a', 1)
  assert.equal(children.inAnyCase('A').length, 1)
  children.add('A', 2)
  assert.equal(children.inAnyCase('a').length, 2)
})
