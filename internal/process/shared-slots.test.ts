import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { giveBackSlots, sharedSlots, slotMemory } from './shared-slots.ts'

const THREADS = 4

describe('shared slots', () => {
  it('are given out up to the limit, over all threads, and come back', () => {
    const memory = slotMemory(THREADS, 16)
    const [one, other] = [0, 1].map((thread) => sharedSlots(memory, { threads: THREADS, thread }))
    const [mine, theirs] = [one?.slot('trial'), other?.slot('trial')]
    assert.equal(mine?.acquire(1), true)
    assert.equal(theirs?.acquire(1), false)
    assert.equal(mine?.inUse(), 1)
    mine?.release()
    assert.equal(theirs?.acquire(1), true)
    assert.equal(one?.slot('another').acquire(1), true)
  })

  it('of a dead thread come back, and those of others stay', () => {
    const memory = slotMemory(THREADS, 16)
    const slots = [0, 1].map((thread) => sharedSlots(memory, { threads: THREADS, thread }))
    for (const each of slots) for (let call = 0; call < 3; call++) each.slot('calls').acquire(9)
    giveBackSlots(memory, { threads: THREADS, thread: 1 })
    assert.equal(slots[0]?.slot('calls').inUse(), 3)
    giveBackSlots(memory, { threads: THREADS, thread: 1 })
    assert.equal(slots[0]?.slot('calls').inUse(), 3)
  })

  it('never exceed the limit, and are all back after threads were killed in the storm', async () => {
    const memory = slotMemory(THREADS, 16)
    const module = new URL('./shared-slots.ts', import.meta.url).href
    const source = `
      import { parentPort, workerData } from 'node:worker_threads'
      const { sharedSlots } = await import(workerData.module)
      const slot = sharedSlots(workerData.memory, workerData).slot('calls')
      const inside = new Int32Array(workerData.inside)
      let over = 0
      for (let turn = 0; turn < 20000; turn++) {
        if (!slot.acquire(3)) continue
        if (Atomics.add(inside, 0, 1) >= 3) over++
        Atomics.sub(inside, 0, 1)
        slot.release()
      }
      parentPort.postMessage(over)
      for (;;) if (slot.acquire(3)) slot.release()
    `
    const inside = new SharedArrayBuffer(4)
    const messages: unknown[] = []
    for (let round = 0; round < 3; round++) {
      const workers = Array.from({ length: THREADS }, (_all, thread) => {
        const workerData = { memory, inside, threads: THREADS, thread, module }
        const worker = new Worker(source, { eval: true, workerData })
        worker.on('message', (message) => messages.push(message))
        return worker
      })
      await Promise.all(workers.map((worker) => once(worker, 'message')))
      for (const [thread, worker] of workers.entries()) {
        await worker.terminate()
        giveBackSlots(memory, { threads: THREADS, thread })
      }
    }
    const { slot } = sharedSlots(memory, { threads: THREADS, thread: 0 })
    assert.equal(slot('calls').inUse(), 0)
    assert.deepEqual(messages, new Array(3 * THREADS).fill(0))
  })
})
