import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { listOf } from '../../test/support/snapshots.ts'
import { sharedWords, wordMemory } from '../process/shared-memory.ts'
import { type SharedTable, sharedTable, tableMemory } from '../process/shared-table.ts'
import { type EjectionRules, Health } from './health.ts'
import { readWord, writtenWord } from './health-word.ts'

const RULES: EjectionRules = {
  consecutiveFailures: 3,
  ejectionMs: 10_000,
  maxEjected: 0.5,
  failOpenBelow: 0,
}

/** Two threads that share one table. */
function start(rules: EjectionRules | 'none' = RULES) {
  const memory = tableMemory(1024)
  const news = sharedWords(wordMemory(1)).word('news')
  let nowMs = 5000
  let looks = 0
  const ejected: string[] = []
  const thread = () =>
    new Health({
      name: 'orders',
      rules: rules === 'none' ? undefined : rules,
      table: looking(sharedTable(memory), () => looks++),
      news,
      clock: () => nowMs,
      onEjected: (url, forMs) => ejected.push(`${url} ${forMs}`),
    })
  return {
    here: thread(),
    there: thread(),
    pass: (ms: number) => {
      nowMs += ms
    },
    ejected,
    looks: () => looks,
  }
}
/** A table that says when somebody looks into it. */
const looking = (table: SharedTable, onLook: () => void): SharedTable => ({
  words: table.words,
  find(...key) {
    onLook()
    return table.find(...key)
  },
})
const FOUR = listOf({}, {}, {}, {})
const fail = (health: Health, at: number, times = 3) => {
  for (let count = 0; count < times; count++) health.failed(FOUR, at, false)
}

describe('the health of hosts', () => {
  it('is nobody’s business without rules', () => {
    const { here } = start('none')
    for (let count = 0; count < 100; count++) here.failed(FOUR, 0, true)
    assert.equal(here.current(FOUR), FOUR)
  })

  it('takes a host out after its failures in a row, for every thread, and back again', () => {
    const { here, there, pass, ejected } = start()
    fail(here, 1, 2)
    there.failed(FOUR, 1, false)
    assert.deepEqual(there.current(FOUR).slots, [0, 2, 3])
    assert.deepEqual(here.current(FOUR).slots, [0, 2, 3])
    assert.deepEqual(ejected, ['http://node1:80 10000'])
    pass(10_001)
    assert.equal(here.current(FOUR), FOUR)
  })

  it('counts one ejection, however late another thread’s call fails', () => {
    const { here, there, ejected } = start()
    assert.equal(there.current(FOUR), FOUR)
    fail(here, 1)
    there.failed(FOUR, 1, false)
    assert.deepEqual(there.current(FOUR).slots, [0, 2, 3])
    assert.deepEqual(ejected, ['http://node1:80 10000'])
  })

  it('starts to count anew after a success, whichever thread had it', () => {
    const { here, there } = start()
    fail(here, 1, 2)
    there.succeeded(FOUR, 1)
    fail(here, 1, 2)
    assert.equal(here.current(FOUR), FOUR)
  })

  it('keeps a host out longer each time, and forgives in the end', () => {
    const { here, pass } = start()
    fail(here, 1)
    pass(10_001)
    assert.equal(here.current(FOUR), FOUR)
    fail(here, 1)
    pass(10_001)
    assert.deepEqual(here.current(FOUR).slots, [0, 2, 3])
    pass(10_000)
    assert.equal(here.current(FOUR), FOUR)
    pass(301_000)
    here.succeeded(FOUR, 1)
    fail(here, 1)
    pass(10_001)
    assert.equal(here.current(FOUR), FOUR)
  })

  it('never takes more than its share out', () => {
    const { here } = start()
    for (const at of [0, 1, 2, 3]) fail(here, at)
    assert.deepEqual(here.current(FOUR).slots, [2, 3])
  })

  it('lets all serve again when too few are left', () => {
    const { here } = start({ ...RULES, maxEjected: 1, failOpenBelow: 0.5 })
    fail(here, 0)
    fail(here, 1)
    assert.deepEqual(here.current(FOUR).slots, [2, 3])
    fail(here, 2)
    assert.equal(here.current(FOUR), FOUR)
  })

  it('takes a host that the guard holds out at its first refused connection, without any rules', () => {
    const held = listOf({}, { isHeld: true }, { isHeld: true })
    const { here, there } = start('none')
    here.failed(held, 1, false)
    here.failed(held, 0, true)
    assert.equal(here.current(held), held)
    here.failed(held, 1, true)
    assert.deepEqual(here.current(held).slots, [0, 2])
    assert.deepEqual(there.current(held).slots, [0, 2])
  })

  it('is about hosts, not places in a list', () => {
    const { here, pass } = start()
    fail(here, 0)
    const turned = listOf({ host: 'node3' }, { host: 'node0' }, { host: 'node1' })
    pass(101)
    assert.deepEqual(here.current(turned).slots, [0, 2])
  })
})

describe('the health of a long list', () => {
  it('costs nothing while nobody is out, nor while nothing changes', () => {
    const { here, there, pass, looks } = start()
    const past = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 200) {
        pass(200)
        here.current(FOUR)
        there.current(FOUR)
      }
    }
    past(5000)
    assert.equal(looks(), 0)
    fail(here, 1)
    const atEjection = looks()
    past(5000)
    // The other thread went through its four hosts once.
    assert.equal(looks(), atEjection + 4)
    assert.deepEqual(there.current(FOUR).slots, [0, 2, 3])
    past(6000)
    assert.equal(there.current(FOUR), FOUR)
    const atReturn = looks()
    here.current(listOf({}, {}, {}))
    past(5000)
    assert.equal(looks(), atReturn)
  })

  it('sees a second ejection that ends with the first', () => {
    const { here, there, pass } = start()
    fail(here, 1)
    assert.deepEqual(here.current(FOUR).slots, [0, 2, 3])
    fail(there, 2)
    assert.deepEqual(there.current(FOUR).slots, [0, 3])
    pass(101)
    assert.deepEqual(here.current(FOUR).slots, [0, 3])
  })
})

describe('what threads know of a host', () => {
  it('fits one word', () => {
    const word = fc.record(
      {
        failures: fc.nat({ max: 4095 }),
        times: fc.nat({ max: 255 }),
        outUntilMs: fc.nat({ max: 2 ** 40 }),
      },
      { noNullPrototype: true },
    )
    fc.assert(fc.property(word, (known) => assert.deepEqual(readWord(writtenWord(known)), known)))
  })

  it('stays at its most instead of running over', () => {
    const word = readWord(writtenWord({ failures: 9999, times: 999, outUntilMs: 1.5 }))
    assert.deepEqual(word, { failures: 4095, times: 255, outUntilMs: 2 })
  })
})
