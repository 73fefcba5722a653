import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { problemsOfDifferences, readDifferences } from './allowed.ts'
import { differences } from './compare.ts'
import { describeReply } from './describe.ts'
import { readSpecs, type Spec, withBetter } from './spec.ts'
import { fill, unfill } from './words.ts'

const spec = (rest: Partial<Spec>): Spec => ({ name: 'a case', config: {}, ...rest })

describe('comparing', () => {
  test('ignores the order of keys, and names what is missing, other or unexpected', () => {
    assert.deepEqual(differences({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, 'x'), [])
    assert.deepEqual(differences({ a: 1, b: 2 }, { b: 3, c: 4 }, 'x'), [
      'x.a: expected 1, got nothing',
      'x.b: expected 2, got 3',
      'x.c: unexpected 4',
    ])
    assert.equal(differences([1, 2], [1], 'x').length, 1)
    assert.equal(differences({}, [], 'x').length, 1)
    assert.equal(differences(null, undefined, 'x').length, 1)
  })

  test('knows $any, $absent and $matches', () => {
    const expected = { a: { $any: true }, b: { $absent: true }, c: { $matches: '^v\\d$' } }
    assert.deepEqual(differences(expected, { a: null, c: 'v1' }, 'x'), [])
    assert.equal(differences(expected, { b: 1, c: 'w' }, 'x').length, 3)
  })

  test('sees keys that every object inherits as absent', () => {
    assert.equal(differences({ constructor: 1 }, {}, 'x').length, 1)
    assert.deepEqual(differences({ toString: { $absent: true } }, {}, 'x'), [])
  })

  test('keeps every digit of a number beyond 2^53', () => {
    const reply = {
      kind: 'reply',
      status: 200,
      headers: { 'content-type': 'application/json' },
      bytes: Buffer.from('{"id":12345678901234567890,"f":1.5,"n":3}'),
      isCut: false,
    } as const
    assert.deepEqual(describeReply(reply, {}, [])['json'], {
      id: { $number: '12345678901234567890' },
      f: 1.5,
      n: 3,
    })
  })
})

describe('placeholders', () => {
  const words = { up: 'http://127.0.0.1:4001', 'up.port': '4001', 'metrics.port': '4002' }
  test('are filled in, in keys too, and ports become numbers', () => {
    assert.deepEqual(fill({ '{up.port}': ['{up}/x', '{other}'], p: { $port: 'metrics' } }, words), {
      4001: ['http://127.0.0.1:4001/x', '{other}'],
      p: 4002,
    })
  })
  test('are put back where an address was printed', () => {
    assert.equal(
      unfill('GET http://127.0.0.1:4001/a for 127.0.0.1:4001', words),
      'GET {up}/a for {up.host}',
    )
  })
})

describe('a better expectation', () => {
  test('replaces what it names and leaves the rest', () => {
    const better = { expectExit: 'failed', requests: { 2: { expect: { status: 400 } } } } as const
    const requests = [1, 2].map(() => ({
      send: { path: '/' },
      expect: { status: 200 },
      skipSaw: true,
    }))
    const replaced = withBetter(spec({ requests, better, outputMatches: ['x'] }))
    assert.equal(replaced.expectExit, 'failed')
    assert.deepEqual(replaced.outputMatches, ['x'])
    assert.deepEqual(replaced.requests, [requests[0], { ...requests[1], expect: { status: 400 } }])
  })

  test('needs a recorded bug or a line in differences.json, and each line needs one', () => {
    const listed = { case: 'a/b.json', why: 'w', gain: 'g' }
    const plain = { file: 'a/b.json', spec: spec({}) }
    const better = { file: 'a/b.json', spec: spec({ better: {} }) }
    assert.equal(problemsOfDifferences([better], []).length, 1)
    assert.equal(problemsOfDifferences([plain], [listed]).length, 1)
    assert.equal(problemsOfDifferences([better], [{ ...listed, gain: '' }]).length, 1)
    assert.deepEqual(problemsOfDifferences([better], [listed]), [])
  })

  test('is explained wherever this folder has one', async () => {
    const specs = await readSpecs(import.meta.dirname)
    assert.ok(specs.length > 200)
    assert.deepEqual(problemsOfDifferences(specs, await readDifferences()), [])
  })
})
