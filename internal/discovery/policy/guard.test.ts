import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hosts, names } from '../../../test/support/found.ts'
import { type Guard, guarded, type Held } from './guard.ts'

const GUARD: Guard = { maxRemoved: undefined, confirmations: 3, holdMs: 60_000 }
const TEN = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']

/** Answers one after the other, a second apart. */
function told(guard: Guard, ...answers: readonly (readonly string[])[]) {
  let last = hosts(...TEN) as ReturnType<typeof guarded>['instances']
  let held: Held | undefined
  return answers.map((answer, at) => {
    const taken = guarded(last, hosts(...answer), held, guard, at * 1000)
    last = taken.instances
    held = taken.held
    return taken
  })
}

describe('the mass-removal guard', () => {
  it('keeps what an answer would remove, marked, until it was seen three times', () => {
    const [first, second, third] = told(GUARD, ['a', 'b'], ['a', 'b'], ['a', 'b'])
    assert.deepEqual(names(first?.instances), TEN)
    assert.deepEqual(
      first?.instances.filter(({ isHeld }) => isHeld === true).map(({ host }) => host),
      TEN.slice(2),
    )
    assert.deepEqual(second?.instances.length, 10)
    assert.deepEqual(names(third?.instances), ['a', 'b'])
    assert.match(third?.notes.join() ?? '', /removed 8 of 10 instances, seen 3 times/)
  })

  it('believes an answer that lasted for the hold time', () => {
    const [, late] = told({ ...GUARD, holdMs: 1000 }, ['a'], ['a'])
    assert.deepEqual(names(late?.instances), ['a'])
  })

  it('forgets the answer when the instances are back', () => {
    const [, back, again] = told(GUARD, ['a'], TEN, ['a'])
    assert.equal(back?.held, undefined)
    assert.equal(
      back?.instances.some(({ isHeld }) => isHeld === true),
      false,
    )
    assert.equal(again?.held?.seen, 1)
  })

  it('lets half of a list go, and everything that is replaced', () => {
    const [half] = told(GUARD, TEN.slice(5))
    assert.equal(half?.held, undefined)
    const others = TEN.map((name) => `new-${name}`)
    const [replaced] = told(GUARD, others)
    assert.deepEqual(names(replaced?.instances), others)
  })

  it('takes new instances while it holds the old ones', () => {
    const [first] = told(GUARD, ['new', 'a'])
    assert.deepEqual(names(first?.instances), ['new', 'a', ...TEN.slice(1)])
  })

  it('leaves short lists alone unless a share is configured', () => {
    const four = hosts('a', 'b', 'c', 'd')
    assert.equal(guarded(four, hosts('a'), undefined, GUARD, 0).held, undefined)
    const strict = { ...GUARD, maxRemoved: 0.2 }
    assert.equal(guarded(four, hosts('a', 'b', 'c'), undefined, strict, 0).held?.seen, 1)
    assert.equal(
      guarded(four, hosts('a'), undefined, { ...GUARD, maxRemoved: 1 }, 0).held,
      undefined,
    )
  })
})
