import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hosts, names } from '../../test/support/found.ts'
import { handClock } from '../../test/support/hand-clock.ts'
import { type Choice, DEFAULT_CHOICE, type Policy } from './choice.ts'
import type { Answer, Found } from './discovery.ts'
import type { Override } from './overrides.ts'
import type { Outcome, PollState } from './poll.ts'
import { Pool, type PoolLink } from './pool.ts'

const ASKED: PollState = {
  isAsking: false,
  failures: 0,
  nextAtMs: undefined,
  lastError: undefined,
}
const outcome = (result: Outcome['result'], answer?: Answer): Outcome => ({
  result,
  answer,
  message: `it was ${result}`,
  tookMs: 1,
})
const list = (...all: readonly string[]) =>
  outcome('success', { instances: hosts(...all), notes: [] })
const EMPTY = outcome('empty', { instances: [], notes: [] })
const UNREACHABLE = outcome('unreachable')
const NOT_FOUND = outcome('not-found')
const part = (...all: readonly string[]) =>
  outcome('partial', { instances: hosts(...all), notes: [], isPartial: true })

type Options = {
  readonly choice?: Partial<Choice>
  readonly policy?: Partial<Policy>
  /** Hosts of a static link at the end. */
  readonly standIn?: readonly string[]
  readonly nameDefault?: readonly Found[]
  /** A polled link in the middle. */
  readonly second?: boolean
}

function start(options: Options = {}) {
  const { choice = {}, policy = {}, standIn, nameDefault = [], second = false } = options
  const clock = handClock()
  const link = (name: string, fixed?: readonly Found[]): PoolLink => ({
    name,
    fixed,
    nameDefault: () => (name === 'first' ? nameDefault : []),
  })
  let changes = 0
  const pool = new Pool({
    choice: { ...DEFAULT_CHOICE, ...choice, policy: { ...DEFAULT_CHOICE.policy, ...policy } },
    links: [
      link('first'),
      ...(second ? [link('second')] : []),
      ...(standIn === undefined ? [] : [link('static', hosts(...standIn))]),
    ],
    now: clock.now,
    timer: clock.timer,
    tell: (_state, _result, change) => {
      if (change !== undefined) changes++
    },
  })
  return {
    pool,
    clock,
    serving: () => names(pool.state.instances),
    hear: (...outcomes: readonly Outcome[]) => {
      for (const one of outcomes) pool.heard(0, ASKED, one)
    },
    changes: () => changes,
  }
}

describe('the policy', () => {
  for (const [what, trouble] of Object.entries({ EMPTY, UNREACHABLE, NOT_FOUND })) {
    it(`keeps a working list for ever after ${what}, as it is by default`, () => {
      const { hear, serving, clock } = start()
      hear(list('a', 'b'), trouble)
      clock.pass(365 * 24 * 3_600_000)
      hear(trouble)
      assert.deepEqual(serving(), ['a', 'b'])
    })
  }

  it('lets a list that is kept grow no older than max_stale, and drops it by itself', () => {
    const { hear, serving, clock } = start({ policy: { maxStaleMs: 60_000 } })
    hear(list('a'))
    clock.pass(10_000)
    hear(UNREACHABLE)
    clock.pass(49_999)
    assert.deepEqual(serving(), ['a'])
    clock.pass(1)
    assert.deepEqual(serving(), [])
    hear(list('b'))
    assert.deepEqual(serving(), ['b'])
  })

  it('does not count the time in which the registry answers', () => {
    const { hear, serving, clock } = start({ policy: { maxStaleMs: 60_000 } })
    hear(list('a'))
    clock.pass(3_600_000)
    assert.deepEqual(serving(), ['a'])
  })

  it('drops at once where that is asked for', () => {
    const { hear, serving } = start({ policy: { onEmpty: 'drop' } })
    hear(list('a'), EMPTY)
    assert.deepEqual(serving(), [])
    hear(list('a'), UNREACHABLE)
    assert.deepEqual(serving(), ['a'])
  })

  it('knows nobody when the first look-up fails, which is not the same as none', () => {
    const { hear, serving } = start({ policy: { onUnreachable: 'drop' } })
    assert.equal(serving(), undefined)
    hear(UNREACHABLE)
    assert.equal(serving(), undefined)
  })

  it('adds and never removes after a partial answer, unless told to drop', () => {
    const kept = start()
    kept.hear(list('a', 'b'), part('b', 'c'))
    assert.deepEqual(kept.serving(), ['b', 'c', 'a'])
    assert.match(kept.pool.state.notes.join('\n'), /kept a:80: the answer was only a part/)
    const dropping = start({ policy: { onPartial: 'drop' } })
    dropping.hear(list('a', 'b'), part('b', 'c'))
    assert.deepEqual(dropping.serving(), ['b', 'c'])
  })

  it('serves nobody on purpose when the service is withdrawn', () => {
    const { hear, pool } = start({ standIn: ['z'] })
    hear(list('a'), outcome('success', { instances: [], notes: [], isWithdrawn: true }))
    assert.deepEqual([pool.state.instances, pool.state.isWithdrawn], [[], true])
    hear(list('a'))
    assert.equal(pool.state.isWithdrawn, false)
  })
})

describe('a working list', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  const some = fc.uniqueArray(name, { minLength: 1 })
  const step = fc.oneof(
    some.map((all) => list(...all)),
    some.map((all) => part(...all)),
    fc.constantFrom(EMPTY, UNREACHABLE, NOT_FOUND, outcome('broken'), part()),
  )
  const steps = fc.array(fc.tuple(step, fc.nat({ max: 100_000 })), { maxLength: 30 })

  it('is never emptied by anything a registry does, and names nobody it did not name', () => {
    fc.assert(
      fc.property(steps, (told) => {
        const { hear, serving, clock } = start()
        const named = new Set<string>()
        for (const [one, ms] of told) {
          hear(one)
          clock.pass(ms)
          for (const { host } of one.answer?.instances ?? []) named.add(host)
          if (named.size === 0) assert.equal(serving(), undefined)
          else assert.ok((serving()?.length ?? 0) > 0)
          assert.ok((serving() ?? []).every((host) => named.has(host)))
        }
      }),
    )
  })

  it('is the last whole answer once that was confirmed', () => {
    fc.assert(
      fc.property(steps, some, (told, last) => {
        const { hear, serving, clock } = start()
        for (const [one, ms] of told) {
          hear(one)
          clock.pass(ms)
        }
        for (let time = 0; time < 3; time++) hear(list(...last))
        assert.deepEqual(serving()?.toSorted(), last.toSorted())
      }),
    )
  })
})

describe('a chain', () => {
  it('waits for the first source before another stands in', () => {
    const { serving, hear } = start({ standIn: ['z'] })
    assert.equal(serving(), undefined)
    hear(UNREACHABLE)
    assert.deepEqual(serving(), ['z'])
    hear(list('a'))
    assert.deepEqual(serving(), ['a'])
  })

  it('keeps the last list for an hour before the next stands in, unless told otherwise', () => {
    const { serving, hear, clock, pool } = start({ standIn: ['z'] })
    hear(list('a'), UNREACHABLE)
    clock.pass(3_599_999)
    assert.deepEqual(serving(), ['a'])
    clock.pass(1)
    assert.deepEqual(serving(), ['z'])
    assert.equal(pool.state.from, 1)
    const eager = start({ standIn: ['z'], policy: { onUnreachable: 'fallback' } })
    eager.hear(list('a'), UNREACHABLE)
    assert.deepEqual(eager.serving(), ['z'])
  })

  it('keeps the last list when the next has nothing either', () => {
    const { serving, hear, pool } = start({ second: true, policy: { onUnreachable: 'fallback' } })
    hear(list('a'), UNREACHABLE)
    pool.heard(1, ASKED, UNREACHABLE)
    assert.deepEqual(serving(), ['a'])
    pool.heard(1, ASKED, list('b'))
    assert.deepEqual(serving(), ['b'])
    assert.match(pool.state.rules.join('; '), /first: unreachable.*second: its answer serves/)
  })

  it('takes what the name itself gives as default while the registry does not know it', () => {
    const { serving, hear } = start({ nameDefault: hosts('www') })
    hear(NOT_FOUND)
    assert.deepEqual(serving(), ['www'])
    hear(list('a'), UNREACHABLE)
    assert.deepEqual(serving(), ['a'], 'an outage is no deletion')
    hear(NOT_FOUND)
    assert.deepEqual(serving(), ['www'])
    hear(UNREACHABLE)
    assert.deepEqual(serving(), ['www'], 'what was deleted does not come back by an outage')
  })
})

describe('a pool', () => {
  it('lets the guard go by itself when an answer has lasted', () => {
    const { serving, hear, clock, pool } = start()
    hear(list('a', 'b', 'c', 'd', 'e', 'f'), list('a'))
    assert.equal(serving()?.length, 6)
    assert.equal(pool.state.isHolding, true)
    clock.pass(60_000)
    assert.deepEqual(serving(), ['a'])
    assert.equal(pool.state.isHolding, false)
    assert.equal(clock.waiting, 0)
  })

  it('raises the weight of a new instance step by step, and of the first ones not at all', () => {
    const { hear, clock, pool } = start({ choice: { slowStartMs: 10_000 } })
    const weights = () => pool.state.instances?.map(({ weight }) => weight)
    hear(list('a'))
    assert.deepEqual(weights(), [1])
    hear(list('a', 'b'))
    assert.deepEqual(weights(), [1, 0.1])
    clock.pass(5000)
    assert.deepEqual(weights(), [1, 0.5])
    clock.pass(5000)
    assert.deepEqual(weights(), [1, 1])
    assert.equal(clock.waiting, 0)
  })

  it('follows operators until their time is over, whatever the registry says', () => {
    const { hear, serving, clock, pool } = start()
    const base = { id: '1', name: 'x', sd: '', reason: '', untilMs: clock.now() + 60_000 }
    const override = (kind: Override['kind'], ...where: string[]) => ({
      ...base,
      kind,
      hosts: where,
    })
    hear(list('a', 'b'))
    pool.override([override('exclude', 'A:80'), override('add', 'http://c:80')])
    assert.deepEqual(serving(), ['b', 'c'])
    hear(list('a', 'b', 'd'))
    assert.deepEqual(serving(), ['b', 'd', 'c'])
    pool.override([override('pin', 'z:80')])
    hear(UNREACHABLE)
    assert.deepEqual(serving(), ['z'])
    clock.pass(60_000)
    assert.deepEqual(serving(), ['a', 'b', 'd'])
    assert.deepEqual(pool.state.overrides, [])
  })

  it('leaves those out that checks find down, and nobody when all are', () => {
    const { hear, pool, serving } = start()
    hear(list('a', 'b'))
    pool.checked(new Map([['a:80', 'GET / answered 500']]))
    assert.deepEqual(serving(), ['b'])
    hear(list('a', 'b', 'c'))
    assert.deepEqual(serving(), ['b', 'c'])
    assert.deepEqual(names(pool.listed), ['a', 'b', 'c'])
    pool.checked(new Map(['a:80', 'b:80', 'c:80'].map((place) => [place, 'down'])))
    assert.deepEqual(serving(), ['a', 'b', 'c'])
  })

  it('changes nothing while the same answer comes again in another order', () => {
    const { hear, pool, changes } = start()
    hear(list('a', 'b'))
    const { instances, version } = pool.state
    hear(list('b', 'a'))
    assert.equal(pool.state.instances, instances)
    assert.equal(pool.state.version, version)
    assert.equal(changes(), 1)
  })

  it('serves an earlier run’s list until the first answer, and says so', () => {
    const { hear, pool, serving, clock } = start()
    pool.standIn(hosts('old'), clock.now() - 1000)
    assert.deepEqual(serving(), ['old'])
    hear(UNREACHABLE)
    assert.deepEqual(serving(), ['old'])
    hear(list('new'))
    assert.deepEqual([serving(), pool.state.isFromFile], [['new'], false])
  })

  it('judges the list of an earlier run by its true age', () => {
    const { hear, pool, serving, clock } = start({ policy: { maxStaleMs: 60_000 } })
    pool.standIn(hosts('old'), clock.now() - 50_000)
    hear(UNREACHABLE)
    assert.deepEqual(serving(), ['old'])
    clock.pass(10_000)
    assert.deepEqual(serving(), [])
  })
})
