import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { processTree, usageOf } from './usage.ts'

const BUSY_MS = 300
/** A parent whose child burns `BUSY_MS` of its own CPU time, says so, and stays. */
const PARENT = `
const burn = "while (process.cpuUsage().user < ${BUSY_MS * 1000}); console.log('done'); setInterval(() => {}, 1000)"
require('node:child_process').spawn(process.execPath, ['-e', burn], { stdio: 'inherit' })
setInterval(() => {}, 1000)`

test('counts CPU and memory of a process and of its children', async (t) => {
  const parent = spawn(process.execPath, ['-e', PARENT], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const { pid } = parent
  assert.ok(pid !== undefined)
  t.after(() => process.kill(-pid, 'SIGKILL'))
  await once(parent.stdout, 'data')
  const { cpuMs, memoryMb } = usageOf(pid)
  assert.ok(cpuMs >= BUSY_MS * 0.9, `${cpuMs} ms`)
  assert.ok(memoryMb > 40, `${memoryMb} MB is less than two of node`)
})

test('the tree of a process is the process and all that descends from it', () => {
  const parentOf = new Map([
    [5, 1],
    [9, 5],
    [7, 9],
    [6, 1],
  ])
  assert.deepEqual(
    processTree(5, parentOf).toSorted((a, b) => a - b),
    [5, 7, 9],
  )
})

test('a process that is not there uses nothing', () => {
  assert.deepEqual(usageOf(2 ** 30), { cpuMs: 0, memoryMb: 0 })
})
