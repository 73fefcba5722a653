import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from './options.ts'

test('a whole run replaces the table; a quick one and a part do not unless told', () => {
  assert.equal(readOptions([]).out, 'bench/RESULTS.md')
  assert.equal(readOptions(['--quick']).out, undefined)
  assert.equal(readOptions(['--only', 'json']).out, undefined)
  assert.equal(readOptions(['--quick', '--out', 'x.md']).out, 'x.md')
})

test('reads names, lengths and threads', () => {
  const { only, rounds, seconds, widths } = readOptions([
    '--only',
    'json,post',
    '--rounds',
    '3',
    '--seconds',
    '2',
    '--threads',
    '1,4',
  ])
  assert.deepEqual(
    { only, rounds, seconds, widths },
    {
      only: ['json', 'post'],
      rounds: 3,
      seconds: 2,
      widths: [1, 4],
    },
  )
})

for (const args of [['--rounds', '0'], ['--seconds', 'x'], ['--threads', '1,1.5'], ['--fast']])
  test(`refuses ${args.join(' ')}`, () => {
    assert.throws(() => readOptions(args))
  })
