import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { monotonicClock } from './monotonic-clock.ts'
import { seats } from './seats.ts'

describe('seats', () => {
  it('are given out lowest first, and again once given back', () => {
    const free = seats(3)
    assert.deepEqual([free.take(), free.take(), free.take()], [0, 1, 2])
    free.giveBack(1)
    assert.equal(free.take(), 1)
  })

  it('are refused when all are taken: two threads with one seat would free each other’s slots', () => {
    const free = seats(1)
    free.take()
    assert.throws(() => free.take(), RangeError)
  })
})

describe('the monotonic clock', () => {
  it('shows threads that started at different times the same time', async () => {
    const module = new URL('./monotonic-clock.ts', import.meta.url).href
    const source = `
      import { parentPort, workerData } from 'node:worker_threads'
      const { monotonicClock } = await import(workerData)
      const clock = monotonicClock()
      parentPort.on('message', () => parentPort.postMessage(clock()))
      parentPort.postMessage('ready')
    `
    const here = monotonicClock()
    const worker = new Worker(source, { eval: true, workerData: module })
    await once(worker, 'message')
    const before = here()
    worker.postMessage('now?')
    const [there] = await once(worker, 'message')
    const after = here()
    await worker.terminate()
    assert.ok(there >= before - 0.01 && there <= after + 0.01, `${before} ${there} ${after}`)
  })
})
