import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backoffOf } from './backoff.ts'

const pauses = (strategy: string, random = 0.5): number[] =>
  [0, 1, 2, 3].map(backoffOf(strategy, () => random))

describe('backoff_strategy', () => {
  it('grows as in KrakenD, and any other name waits a second', () => {
    assert.deepEqual(pauses('linear'), [0, 1000, 2000, 3000])
    assert.deepEqual(pauses('Exponential'), [1000, 2000, 4000, 8000])
    for (const name of ['', 'fallback', 'linaer'])
      assert.deepEqual(pauses(name), [1000, 1000, 1000, 1000])
  })
  it('spreads by a third with jitter, and never waits for nothing', () => {
    assert.deepEqual(pauses('exponential-jitter', 0), [666, 1332, 2666, 5332])
    assert.deepEqual(pauses('exponential-jitter', 1), [1334, 2668, 5334, 10668])
    assert.deepEqual(pauses('linear-jitter', 0), [1, 666, 1332, 1999])
  })
  it('never comes to more than some minutes', () => {
    for (const name of ['linear', 'exponential'])
      assert.equal(backoffOf(name, Math.random)(1_000_000), 600_000)
  })
})
