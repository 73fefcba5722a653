import assert from 'node:assert/strict'
import { test } from 'node:test'
import { locateProblems, readPath } from './locate-problems.ts'

test('reads paths as messages show them, quoted keys and keys with slashes alike', () => {
  const parts = ['endpoints', 2, 'extra_config', 'validation/cel', 0, 'check_expr']
  assert.deepEqual(readPath('endpoints[2].extra_config."validation/cel"[0].check_expr'), parts)
  assert.deepEqual(readPath('endpoints[2].extra_config.validation/cel[0].check_expr'), parts)
  assert.deepEqual(readPath('port'), ['port'])
  assert.equal(readPath('a]b'), undefined)
})

test('a problem that knows its path only gets its line, and its place among the others; one without stays', () => {
  const found = [
    { place: { path: 'endpoints[0].timeout' }, message: 'far from the file' },
    { place: { path: 'hosts' }, message: 'of a registry' },
    { place: { file: 'k.json', line: 9, path: 'port' }, message: 'already placed' },
    { place: {}, message: 'of nothing' },
  ]
  const located = locateProblems(found, { endpoints: [] }, (path) => ({
    file: 'k.json',
    line: path.length,
    column: 5,
  }))
  const [timeout, hosts, port, nothing] = found
  const place = { file: 'k.json', line: 3, column: 5, path: 'endpoints[0].timeout' }
  assert.deepEqual(located, [hosts, nothing, { ...timeout, place }, port])
})
