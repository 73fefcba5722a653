import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AddressBook } from './address-book.ts'
import { DEFAULT_CHOICE } from './choice.ts'
import type { Found, Snapshot } from './discovery.ts'
import { Pool, type PoolState } from './pool.ts'
import { snapshot } from './snapshot.ts'

const INSTANCES = 5000
const LIMIT_MS = 50

/** Instance number `at` of all there ever were. */
const instance = (at: number): Found => ({
  host: `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`,
  port: 8080,
  addresses: [],
  basePath: '',
  weight: 1 + (at % 3),
  zone: 'a',
  metadata: { version: 'v2', id: `i-${at}` },
})

/** Processor time: what else runs on the machine does not count. */
function cpuMs(work: () => void): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

describe('a list of 5,000 instances', () => {
  it('is replaced whole in less than 50 ms of either thread', () => {
    let state: PoolState | undefined
    const pool = new Pool({
      choice: DEFAULT_CHOICE,
      links: [{ name: 'x', fixed: undefined, nameDefault: () => [] }],
      now: Date.now,
      timer: () => () => undefined,
      tell: (next) => {
        state = next
      },
    })
    const book = new AddressBook(() => undefined)
    const polled = { isAsking: false, failures: 0, nextAtMs: undefined, lastError: undefined }
    const rounds = [0, 1, 2, 3, 4, 5, 6, 7].map((round) => {
      const instances = Array.from({ length: INSTANCES }, (_, at) =>
        instance(round * INSTANCES + at),
      )
      const answer = { instances, notes: [] }
      let posted: Snapshot | undefined
      const mainMs = cpuMs(() => {
        pool.heard(0, polled, { result: 'success', answer, message: '', tookMs: 1 })
        const found = state?.instances ?? []
        posted = structuredClone(snapshot({ name: 'x', version: 1, scheme: 'http', found }))
      })
      const list = posted ?? assert.fail('nothing was posted')
      assert.equal(list.urls.length, INSTANCES)
      const threadMs = cpuMs(() => {
        structuredClone(list)
        book.replace('x', list)
      })
      return { mainMs, threadMs }
    })
    const best = (of: (round: (typeof rounds)[number]) => number) => Math.min(...rounds.map(of))
    assert.ok(best(({ mainMs }) => mainMs) < LIMIT_MS, JSON.stringify(rounds))
    assert.ok(best(({ threadMs }) => threadMs) < LIMIT_MS, JSON.stringify(rounds))
  })
})
