import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  BadEscape,
  decodeAgain,
  decodePercent,
  encodePath,
  encodeQueryPart,
  toBytes,
} from './percent.ts'

describe('percent-decoding', () => {
  const cases: [string, string][] = [
    ['plain', 'plain'],
    ['a%20b%2Fc', 'a b/c'],
    ['%C3%BC', 'ü'],
    ['\xc3\xbc', 'ü'],
    ['a+b', 'a+b'],
    ['%F0%9F%98%80', '😀'],
  ]
  for (const [text, decoded] of cases)
    it(`reads ${text}`, () => assert.equal(decodePercent(text), decoded))

  it('reads a plus as a blank in queries only', () => {
    assert.equal(decodePercent('a+b%2B', true), 'a b+')
    assert.equal(decodePercent('a+b', true), 'a b')
  })
  it('names a broken escape as Go does', () => {
    const broken = ['%', 'a%', 'a%2', 'x%zzy', '%%', '%C3%G1'].map((text) => decodePercent(text))
    assert.deepEqual(
      broken.map((bad) => (bad instanceof BadEscape ? bad.text : bad)),
      ['%', '%', '%2', '%zz', '%%', '%G1'],
    )
  })
  it('decodes a decoded text once more', () => {
    assert.equal(decodeAgain('a%2Fb'), 'a/b')
    assert.equal(decodeAgain('ü%C3%BC'), 'üü')
    assert.equal(decodeAgain('ü'), 'ü')
  })
})

describe('percent-encoding', () => {
  it('writes paths as Go does', () => {
    assert.equal(
      encodePath("/a b/ü/$&+,:;=@/!'()*[]?#"),
      '/a%20b/%C3%BC/$&+,:;=@/%21%27%28%29%2A%5B%5D%3F%23',
    )
  })
  it('writes query parts as Go does', () => {
    assert.equal(encodeQueryPart("a b&c=/ü~-_.!'"), 'a+b%26c%3D%2F%C3%BC~-_.%21%27')
  })
  it('brings any bytes back as they were, UTF-8 or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const wire = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
        const text = decodePercent(wire)
        assert.ok(typeof text === 'string')
        assert.deepEqual([...toBytes(text)], [...bytes])
        assert.equal(decodePercent(encodePath(text)), text)
        assert.equal(decodePercent(encodeQueryPart(text), true), text)
      }),
    )
  })
  it('never fails, not even for half a surrogate pair', () => {
    assert.equal(encodePath('\ud83d'), '%EF%BF%BD')
    assert.equal(encodePath('\udce9'), '%E9')
  })
})
