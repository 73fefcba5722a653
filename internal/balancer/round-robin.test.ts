import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { requestWith } from '../../test/support/snapshots.ts'
import { snapshot } from '../discovery/snapshot.ts'
import { sharedWords, wordMemory } from '../process/shared-memory.ts'
import { roundRobin } from './round-robin.ts'

const REQUEST = requestWith()

const hosts = (weights: readonly number[], isWithdrawn = false) =>
  snapshot({
    name: 'orders',
    version: 1,
    scheme: 'http',
    isWithdrawn,
    found: weights.map((weight, at) => {
      const host = `node${at}`
      return { host, port: 80, weight, addresses: [], basePath: '', zone: '', metadata: {} }
    }),
  })

const cursor = () => {
  const words = sharedWords(wordMemory(8))
  words.word('another backend')
  return words.word('this backend')
}

describe('round robin', () => {
  it('gives each host exactly its share of every round', () => {
    const choose = roundRobin({ cursor: cursor(), random: () => 0.3 })
    const list = hosts([1, 2, 3])
    const calls = [0, 0, 0]
    for (let call = 0; call < 6 * 50; call++) {
      const at = choose(list, REQUEST)
      calls[at] = (calls[at] ?? 0) + 1
    }
    assert.deepEqual(calls, [50, 100, 150])
  })

  it('starts at a random slot', () => {
    const list = hosts([1, 1, 1, 1])
    const starts = [0, 0.33, 0.66, 0.99].map((start) =>
      roundRobin({ cursor: cursor(), random: () => start })(list, REQUEST),
    )
    assert.ok(new Set(starts).size > 1, String(starts))
  })

  it('goes on where another balancer of the same cursor stands', () => {
    const shared = cursor()
    const one = roundRobin({ cursor: shared, random: () => 0 })
    const other = roundRobin({ cursor: shared, random: () => 0.7 })
    const list = hosts([1, 1])
    assert.notEqual(one(list, REQUEST), other(list, REQUEST))
  })

  it('never chooses a host of weight 0 while another has some', () => {
    const choose = roundRobin({ cursor: cursor(), random: () => 0 })
    assert.equal(choose(hosts([0, 5]), REQUEST), 1)
  })

  it('says that there are no hosts', () => {
    const choose = roundRobin({ cursor: cursor(), random: () => 0 })
    assert.throws(() => choose(hosts([]), REQUEST), { code: 'no-hosts', status: undefined })
    assert.throws(() => choose(hosts([], true), REQUEST), { code: 'no-hosts', status: 503 })
  })

  it('gives each host exactly its share over 4 threads at once', async () => {
    const shared = cursor()
    const list = hosts([10, 3, 1])
    const calls = 14 * 1000
    const counted = await Promise.all(
      Array.from({ length: 4 }, () => callsOfOneThread({ cursor: shared, list, calls })),
    )
    const total = list.urls.map((_, at) => counted.reduce((sum, one) => sum + (one[at] ?? 0), 0))
    assert.deepEqual(total, [40_000, 12_000, 4_000])
  })
})

/** Runs `calls` choices in a thread of its own and counts them by host. */
function callsOfOneThread(workerData: object): Promise<number[]> {
  const module = new URL('./round-robin.ts', import.meta.url).href
  const program = `
    import { parentPort, workerData } from 'node:worker_threads'
    import { roundRobin } from ${JSON.stringify(module)}
    const { cursor, list, calls } = workerData
    const choose = roundRobin({ cursor, random: Math.random })
    const counts = list.urls.map(() => 0)
    for (let call = 0; call < calls; call++) counts[choose(list)]++
    parentPort.postMessage(counts)`
  const source = new URL(`data:text/javascript,${encodeURIComponent(program)}`)
  const { promise, resolve, reject } = Promise.withResolvers<number[]>()
  new Worker(source, { workerData }).once('message', resolve).once('error', reject)
  return promise
}
