import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { encodeQuery, parseQuery } from './query.ts'

describe('a query', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['a=1&b=2&a=3', ['a', '1', 'b', '2', 'a', '3']],
    ['a', ['a', '']],
    ['a=&=b&=', ['a', '', '', 'b', '', '']],
    ['&&a=1&', ['a', '1']],
    ['a=b=c', ['a', 'b=c']],
    ['a+b=c+d%2B', ['a b', 'c d+']],
    ['a=1;b=2&c=3', ['c', '3']],
    ['a=%zz&b=%&c=%41', ['c', 'A']],
    ['%zz=1&d=4', ['d', '4']],
  ]
  for (const [text, list] of cases)
    it(`${text || 'that is empty'} is read like Go`, () => assert.deepEqual(parseQuery(text), list))

  it('is written sorted by name, values of one name in their order', () => {
    assert.equal(encodeQuery(['b', '2', 'a', 'x y', 'b', '1', 'B', '&']), 'B=%26&a=x+y&b=2&b=1')
    assert.equal(encodeQuery(['a', '']), 'a=')
    assert.equal(encodeQuery([]), '')
  })
  it('is sorted by bytes, not by UTF-16 units', () => {
    assert.equal(encodeQuery(['😀', '1', '\uff5e', '2']), '%EF%BD%9E=2&%F0%9F%98%80=1')
    assert.equal(encodeQuery(['ab', '1', 'a', '2']), 'a=2&ab=1')
  })
  it('reads back what was written', () => {
    const pair = fc.tuple(fc.string({ unit: 'binary' }), fc.string())
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const sorted = pairs.toSorted(([one], [other]) =>
          Buffer.compare(Buffer.from(one), Buffer.from(other)),
        )
        assert.deepEqual(parseQuery(encodeQuery(pairs.flat())), sorted.flat())
      }),
    )
  })
})
