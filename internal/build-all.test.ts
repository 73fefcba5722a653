import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildAll, throwAll } from './build-all.ts'
import { ConfigError } from './errors.ts'

const fail =
  (message: string, path = 'a') =>
  () => {
    throw new ConfigError(message, { path })
  }

test('gives back what was built, in order', () => {
  const [number, text]: [number, string] = buildAll(
    () => 1,
    () => 'two',
  )
  assert.deepEqual([number, text], [1, 'two'])
  assert.deepEqual(buildAll(), [])
})

test('builds the rest after a failure, and says all that is wrong, each thing once', () => {
  const built: string[] = []
  const all = () =>
    buildAll(
      fail('one'),
      () => built.push('x'),
      () => buildAll(fail('two'), fail('one'), fail('one', 'b')),
    )
  assert.throws(all, { name: 'ConfigError', message: 'a: one\na: two\nb: one' })
  assert.deepEqual(built, ['x'])
})

test('a fault of ours is not lost among the problems of a configuration', () => {
  const fault = new TypeError('ours')
  assert.throws(() => throwAll([new ConfigError('theirs'), fault]), fault)
  throwAll([])
})
