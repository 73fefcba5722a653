import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { sharedTable, tableMemory } from './shared-table.ts'

const IDLE_MS = 600_000
const START_MS = 1_700_000_000_000

describe('the shared table', () => {
  it('finds the same word for the same key, from every side', () => {
    const memory = tableMemory(1024)
    const one = sharedTable(memory)
    const index = one.find('192.0.2.1', START_MS, IDLE_MS)
    assert.equal(one.words[index], 0n)
    Atomics.store(one.words, index, 5n)
    const other = sharedTable(memory)
    assert.equal(other.words[other.find('192.0.2.1', START_MS + 500, IDLE_MS)], 5n)
    assert.notEqual(other.find('192.0.2.2', START_MS, IDLE_MS), index)
  })

  it('behaves like a map whose entries end when idle', () => {
    const steps = fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'd', ''),
        waitS: fc.constantFrom(0, 0, 4, 7),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const table = sharedTable(tableMemory(64))
        const model = new Map<string, { count: bigint; usedMs: number }>()
        let nowMs = START_MS
        for (const { key, waitS } of all) {
          nowMs += waitS * 1000
          const index = table.find(key, nowMs, 10_000)
          const known = model.get(key)
          const count = known === undefined || nowMs - known.usedMs > 10_000 ? 0n : known.count
          assert.equal(table.words[index], count)
          Atomics.add(table.words, index, 1n)
          model.set(key, { count: count + 1n, usedMs: nowMs })
        }
      }),
    )
  })

  it('forgets the key that was used longest ago when its places are full', () => {
    const table = sharedTable(tableMemory(16))
    for (let key = 0; key < 16; key++) {
      const index = table.find(`${key}`, START_MS + key * 1000, IDLE_MS)
      Atomics.store(table.words, index, BigInt(key + 1))
    }
    const laterMs = START_MS + 60_000
    table.find('0', laterMs, IDLE_MS)
    const index = table.find('new', laterMs, IDLE_MS)
    assert.equal(table.words[index], 0n)
    const wordOf = (key: string) => table.words[table.find(key, laterMs, IDLE_MS)]
    assert.equal(wordOf('0'), 1n)
    for (let key = 2; key < 16; key++) assert.equal(wordOf(`${key}`), BigInt(key + 1))
    assert.notEqual(wordOf('1'), 2n)
  })

  it('answers -1 when all places of a key were used this very moment', () => {
    const table = sharedTable(tableMemory(16))
    for (let key = 0; key < 16; key++) assert.ok(table.find(`${key}`, START_MS, IDLE_MS) >= 0)
    assert.equal(table.find('one more', START_MS + 1000, IDLE_MS), -1)
    assert.ok(table.find('3', START_MS + 1000, IDLE_MS) >= 0)
    assert.ok(table.find('one more', START_MS + 3000, IDLE_MS) >= 0)
  })

  it('takes a million keys without growing and without refusing', () => {
    const table = sharedTable(tableMemory(2 ** 14))
    let refused = 0
    for (let key = 0; key < 1_000_000; key++)
      if (table.find(`10.${key}`, START_MS + key, IDLE_MS) < 0) refused++
    assert.equal(refused, 0)
  })

  it('goes on after the clock was set back or forward', () => {
    const table = sharedTable(tableMemory(16))
    for (let key = 0; key < 16; key++) table.find(`${key}`, START_MS, IDLE_MS)
    assert.ok(table.find('earlier', START_MS - 3_600_000, IDLE_MS) >= 0)
    assert.ok(table.find('later', START_MS + 3_600_000, IDLE_MS) >= 0)
  })

  it('takes over a place that a dead thread left half-changed', () => {
    const { memory, seed } = tableMemory(16)
    const table = sharedTable({ memory, seed })
    const index = table.find('a', START_MS, IDLE_MS)
    const used = new Int32Array(memory, 16 * 8 + index * 16 + 8, 1)
    const before = Atomics.load(used, 0)
    Atomics.store(used, 0, -before)
    assert.equal(table.find('a', START_MS, IDLE_MS), -1)
    const again = table.find('a', START_MS + 3000, IDLE_MS)
    assert.equal(table.words[again], 0n)
  })

  it('counts exactly over four threads, also while keys are new, idle and replaced', async () => {
    const source = `
      import { parentPort, workerData } from 'node:worker_threads'
      const { sharedTable } = await import(workerData.module)
      const start = new Int32Array(workerData.start)
      const table = sharedTable(workerData.memory)
      const together = (place) => {
        Atomics.add(start, place, 1)
        Atomics.notify(start, place)
        for (let seen = 1; seen < 4; seen = Atomics.load(start, place)) Atomics.wait(start, place, seen)
      }
      together(0)
      let refused = 0
      for (let round = 0; round < 200; round++) {
        // Each round is a new hour: all keys of the last one are idle.
        const nowMs = ${START_MS} + round * 3600000
        for (let key = 0; key < 60; key++) {
          const index = table.find('key ' + key, nowMs, 600000)
          if (index < 0) refused++
          else Atomics.add(table.words, index, 1n)
        }
        // All threads enter the next hour together.
        together(1 + round)
        if (workerData.isChecker) {
          for (let key = 0; key < 60; key++) {
            const count = table.words[table.find('key ' + key, nowMs, 600000)]
            if (count !== 4n) parentPort.postMessage('round ' + round + ' key ' + key + ': ' + count)
          }
        }
        together(201 + round)
      }
      parentPort.postMessage(refused)
    `
    const common = {
      memory: tableMemory(128),
      start: new SharedArrayBuffer(4 * 401),
      module: new URL('./shared-table.ts', import.meta.url).href,
    }
    const seen: unknown[] = []
    const workers = [0, 1, 2, 3].map((thread) => {
      const workerData = { ...common, isChecker: thread === 0 }
      const worker = new Worker(source, { eval: true, workerData })
      worker.on('message', (message) => seen.push(message))
      return once(worker, 'exit')
    })
    await Promise.all(workers)
    assert.deepEqual(seen, [0, 0, 0, 0])
  })
})
