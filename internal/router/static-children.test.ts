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
    }),
  )
})
