import assert from 'node:assert/strict'
import { test } from 'node:test'
import { severalThreads, splitCores } from './cores.ts'

test('the gateways get the first processors, what drives them the others', () => {
  assert.deepEqual(splitCores(4, 1), { gateway: [0], load: [1, 2, 3] })
  assert.deepEqual(splitCores(4, 2), { gateway: [0, 1], load: [2, 3] })
})

test('load shares the processors when none are left', () => {
  assert.deepEqual(splitCores(2, 2), { gateway: [0, 1], load: [0, 1] })
  assert.deepEqual(splitCores(1, 1), { gateway: [0], load: [0] })
})

test('several threads are half the processors, at least 2 and at most 8', () => {
  assert.deepEqual([2, 4, 8, 16, 64].map(severalThreads), [2, 2, 4, 8, 8])
})
