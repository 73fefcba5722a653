import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { workerCount } from './worker-count.ts'

const GB = 2 ** 30
const machine = { processors: 4, memoryLimit: 0, canShareAPort: true }
const countOf = (change: Partial<typeof machine>, wanted?: number) =>
  workerCount(wanted, { ...machine, ...change }).count

test('as many as processors, at most eight', () => {
  assert.equal(countOf({ processors: 1 }), 1)
  assert.equal(countOf({}), 4)
  assert.equal(countOf({ processors: 64 }), 8)
})

test('as many as half of the memory limit holds at 50 MB each, at least one', () => {
  assert.equal(countOf({ memoryLimit: 0.25 * GB }), 2)
  assert.equal(countOf({ memoryLimit: 64 << 20 }), 1)
  assert.equal(countOf({ memoryLimit: 16 * GB }), 4)
})

test('a limit that no machine has is none', () => {
  for (const memoryLimit of [0, 2 ** 63, 2 ** 63 - 4096, 2 ** 64 - 4096])
    assert.equal(countOf({ memoryLimit }), 4)
})

test('what is configured wins, except where threads cannot share a port', () => {
  assert.equal(countOf({ processors: 1 }, 6), 6)
  assert.equal(countOf({ canShareAPort: false }, 6), 1)
})

test('the reason names what decided', () => {
  assert.equal(workerCount(undefined, machine).reason, '4 processors')
  assert.match(
    workerCount(undefined, { ...machine, memoryLimit: 0.25 * GB }).reason,
    /256 MB memory limit/,
  )
  assert.match(workerCount(undefined, { ...machine, processors: 12 }).reason, /at most 8/)
  assert.equal(workerCount(3, machine).reason, 'as configured')
})

const canPin = existsSync('/usr/bin/taskset') && availableParallelism() > 1
test('a process kept to one processor counts one', {
  skip: canPin ? false : 'no taskset, or one processor',
}, async () => {
  const script = `console.log(require('node:os').availableParallelism())`
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    '0',
    process.execPath,
    '-e',
    script,
  ])
  assert.equal(countOf({ processors: Number(stdout) }), 1)
})
