import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { tokenBucket } from './token-bucket.ts'

const START_MS = 1_700_000_000

/** KrakenD's bucket as its source has it, in nanoseconds. */
class Model {
  readonly #capacity: bigint
  readonly #intervalNs: bigint
  #tokens: bigint
  #refilledNs: bigint

  constructor(perSecond: number, capacity: number, nowNs: bigint) {
    this.#capacity = BigInt(Math.max(1, capacity))
    this.#intervalNs = BigInt(Math.floor(1e9 / perSecond))
    this.#tokens = this.#capacity
    this.#refilledNs = nowNs
  }

  take(nowNs: bigint): boolean {
    if (this.#tokens > 0n) {
      this.#tokens--
      return true
    }
    const gained = (nowNs - this.#refilledNs) / this.#intervalNs
    if (gained === 0n) return false
    this.#refilledNs += gained * this.#intervalNs
    this.#tokens = gained > this.#capacity ? this.#capacity : gained - 1n
    return true
  }
}

describe('the token bucket', () => {
  it('gives what it holds at once, then one for each interval', () => {
    const bucket = tokenBucket({ perSecond: 2, capacity: 3 })
    const words = new BigInt64Array(1)
    const taken = (nowMs: number, times: number) =>
      Array.from({ length: times }, () => bucket.take(words, 0, nowMs)).filter(Boolean).length
    assert.equal(taken(START_MS, 5), 3)
    assert.equal(taken(START_MS + 499, 3), 0)
    assert.equal(taken(START_MS + 501, 3), 1)
    assert.equal(taken(START_MS + 1001, 3), 1)
  })

  it('counts intervals from the start that it is told of, or else from the first request', () => {
    const bucket = tokenBucket({ perSecond: 1, capacity: 1 })
    const words = new BigInt64Array(2)
    bucket.start(words, 0, START_MS)
    bucket.start(words, 0, START_MS + 999)
    const burst = (index: number) =>
      [1, 2, 3, 4].filter(() => bucket.take(words, index, START_MS + 1500)).length
    assert.equal(burst(0), 2)
    assert.equal(burst(1), 1)
  })

  it('is refilled only when empty, and the refilling request may be free: left + 1 + capacity', () => {
    const bucket = tokenBucket({ perSecond: 1, capacity: 3 })
    const words = new BigInt64Array(1)
    bucket.take(words, 0, START_MS)
    const burst = Array.from({ length: 10 }, () => bucket.take(words, 0, START_MS + 60_000))
    assert.equal(burst.filter(Boolean).length, 2 + 1 + 3)
  })

  it('answers as KrakenD’s does, whatever the rate, the capacity and the pauses', () => {
    const sizes = fc.record({
      perSecond: fc.oneof(
        fc.constantFrom(1 / 3600, 1 / 600, 0.1, 1, 3, 7, 100, 999, 5000),
        fc.double({ min: 0.001, max: 10_000, noNaN: true }),
      ),
      capacity: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100_000 })),
    })
    const pauses = fc.array(
      fc.record({
        intervals: fc.double({ min: 0, max: 9, noNaN: true }),
        requests: fc.integer({ min: 1, max: 8 }),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(sizes, pauses, ({ perSecond, capacity }, all) => {
        const intervalNs = Math.floor(1e9 / perSecond)
        let nowNs = BigInt(START_MS) * 1_000_000n
        const model = new Model(perSecond, capacity, nowNs)
        const bucket = tokenBucket({ perSecond, capacity })
        const words = new BigInt64Array(1)
        bucket.start(words, 0, START_MS)
        for (const { intervals, requests } of all) {
          // A tenth of an interval away from the edges: the units of the word are finer than that.
          const whole = Math.floor(intervals)
          const share = Math.min(0.9, Math.max(0.1, intervals - whole))
          nowNs += BigInt(Math.floor((whole + share) * intervalNs))
          if (isNearEdge(nowNs, intervalNs)) continue
          for (let request = 0; request < requests; request++)
            assert.equal(bucket.take(words, 0, Number(nowNs) / 1e6), model.take(nowNs))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('admits from four threads together exactly what it would admit from one', async () => {
    const perSecond = 50
    const capacity = 1000
    const stepsMs = [0, 10, 25, 5, 500, 60_000, 19, 21, 0, 1000]
    const memory = new SharedArrayBuffer(8)
    const barrier = new SharedArrayBuffer(8)
    const module = new URL('./token-bucket.ts', import.meta.url).href
    const workerData = { memory, barrier, module, perSecond, capacity, stepsMs, startMs: START_MS }
    const workers = Array.from({ length: 4 }, () => new Worker(HAMMER, { eval: true, workerData }))
    const counts = await Promise.all(
      workers.map(async (worker) => (await once(worker, 'message'))[0] as number[]),
    )
    await Promise.all(workers.map((worker) => worker.terminate()))

    let nowNs = BigInt(START_MS) * 1_000_000n
    const model = new Model(perSecond, capacity, nowNs)
    for (const [step, waitMs] of stepsMs.entries()) {
      nowNs += BigInt(waitMs) * 1_000_000n
      let expected = 0
      while (model.take(nowNs)) expected++
      const admitted = counts.reduce((sum, count) => sum + (count[step] as number), 0)
      assert.equal(admitted, expected, `step ${step}`)
    }
    assert.ok(counts.filter((count) => count.some((admitted) => admitted > 0)).length > 1)
  })
})

/** Whole intervals since the start are counted in units; within a hundredth of an edge either count is right. */
function isNearEdge(nowNs: bigint, intervalNs: number): boolean {
  const rest = Number(nowNs - BigInt(START_MS) * 1_000_000n) % intervalNs
  return rest < intervalNs / 100 || rest > intervalNs - intervalNs / 100
}

/** Takes until it is refused, step by step, all threads at the same time on the test's clock. */
const HAMMER = `
import { parentPort, workerData } from 'node:worker_threads'
const { memory, barrier, module, perSecond, capacity, stepsMs, startMs } = workerData
const { tokenBucket } = await import(module)
const bucket = tokenBucket({ perSecond, capacity })
const words = new BigInt64Array(memory)
bucket.start(words, 0, startMs)
const gate = new Int32Array(barrier)
const meet = (round) => {
  Atomics.add(gate, 0, 1)
  Atomics.notify(gate, 0)
  for (let seen = Atomics.load(gate, 0); seen < round * 4; seen = Atomics.load(gate, 0))
    Atomics.wait(gate, 0, seen)
}
const counts = []
let nowMs = startMs
for (const [step, waitMs] of stepsMs.entries()) {
  nowMs += waitMs
  meet(step + 1)
  let admitted = 0
  while (bucket.take(words, 0, nowMs)) admitted++
  counts.push(admitted)
}
parentPort.postMessage(counts)
`
