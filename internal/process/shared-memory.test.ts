import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { sharedWords, wordMemory } from './shared-memory.ts'

/** Runs `source` in `count` threads at once; each posts one answer. */
async function inThreads(count: number, source: string, workerData: unknown): Promise<unknown[]> {
  const workers = Array.from(
    { length: count },
    () => new Worker(source, { eval: true, workerData, execArgv: ['--input-type=module'] }),
  )
  const answers = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'message'))[0]),
  )
  await Promise.all(workers.map((worker) => worker.terminate()))
  return answers
}

const THREAD = `
import { parentPort, workerData } from 'node:worker_threads'
const { sharedWords } = await import(workerData.module)
const start = new Int32Array(workerData.start)
const shared = sharedWords(workerData.memory)
Atomics.add(start, 0, 1)
Atomics.notify(start, 0)
for (let seen = 1; seen < 4; seen = Atomics.load(start, 0)) Atomics.wait(start, 0, seen)
const indices = []
for (let key = 0; key < 500; key++) indices.push(shared.word('key ' + key).index)
const { words, index } = shared.word('counter')
for (let turn = 0; turn < 20000; turn++) {
  let seen = Atomics.load(words, index)
  for (;;) {
    const before = Atomics.compareExchange(words, index, seen, seen + 1n)
    if (before === seen) break
    seen = before
  }
}
parentPort.postMessage(indices)
`

describe('shared words', () => {
  it('are zero at first, and the same for the same key', () => {
    const memory = wordMemory(64)
    const one = sharedWords(memory).word('a')
    assert.equal(one.words[one.index], 0n)
    Atomics.store(one.words, one.index, 7n)
    const again = sharedWords(memory).word('a')
    assert.equal(again.words[again.index], 7n)
    assert.notEqual(sharedWords(memory).word('b').index, one.index)
  })

  it('refuse a key when all are taken, and keep those there are', () => {
    const shared = sharedWords(wordMemory(8))
    const indices = Array.from({ length: 8 }, (_all, key) => shared.word(`${key}`).index)
    assert.equal(new Set(indices).size, 8)
    assert.throws(() => shared.word('one more'), RangeError)
    assert.equal(shared.word('3').index, indices[3])
  })

  it('are the same in four threads that ask at once, and count exactly', async () => {
    const memory = wordMemory(1024)
    const answers = await inThreads(4, THREAD, {
      memory,
      start: new SharedArrayBuffer(4),
      module: new URL('./shared-memory.ts', import.meta.url).href,
    })
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(new Set(answers[0] as number[]).size, 500)
    const { words, index } = sharedWords(memory).word('counter')
    assert.equal(words[index], 80_000n)
  })
})
