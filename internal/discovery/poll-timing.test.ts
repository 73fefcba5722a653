import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ttlDelayMs } from './poll-timing.ts'

const BOUNDS = { floorMs: 1000, ceilingMs: 300_000 }

describe('the time until an answer is asked for again', () => {
  it('is its TTL within bounds', () => {
    const delays = [0, 10_000, 1_000_000].map((ttlMs) => ttlDelayMs(ttlMs, BOUNDS, () => 0))
    assert.deepEqual(delays, [1000, 10_000, 300_000])
  })

  it('comes a little early for some, and never before the floor', () => {
    assert.equal(
      ttlDelayMs(10_000, BOUNDS, () => 1),
      9000,
    )
    assert.equal(
      ttlDelayMs(1000, BOUNDS, () => 1),
      1000,
    )
  })
})
