import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { interleave } from './interleave.ts'

const rounds = (most: number, heaviest: number) =>
  fc.array(fc.integer({ min: 1, max: heaviest }), { minLength: 1, maxLength: most })

const countsIn = (slots: readonly number[], hosts: number) =>
  Array.from({ length: hosts }, (_, host) => slots.filter((slot) => slot === host).length)

/** How far the most uneven gap is from slots/count, the gap around the end included. */
function unevenness(slots: readonly number[], counts: readonly number[]): number {
  const twice = [...slots, ...slots]
  const off = counts.flatMap((count, host) => {
    const places = twice.flatMap((slot, at) => (slot === host ? [at] : []))
    return places.slice(0, count).map((place, at) => {
      return Math.abs((places[at + 1] ?? Number.NaN) - place - slots.length / count)
    })
  })
  return Math.max(...off)
}

/** How far any host is from its share after any number of slots. */
function debt(slots: readonly number[], counts: readonly number[]): number {
  const given = counts.map(() => 0)
  const off = slots.flatMap((slot, at) => {
    given[slot] = (given[slot] ?? 0) + 1
    return counts.map((count, host) => {
      return Math.abs((given[host] ?? 0) - ((at + 1) * count) / slots.length)
    })
  })
  return Math.max(...off)
}

describe('interleave', () => {
  it('gives each host its number of slots', () => {
    fc.assert(
      fc.property(rounds(150, 30), (counts) => {
        assert.deepEqual(countsIn(interleave(counts), counts.length), counts)
      }),
      { numRuns: 50 },
    )
  })

  it('spreads two hosts evenly, whatever their weights', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (a, b) => {
        assert.ok(unevenness(interleave([a, b]), [a, b]) <= 1 + 1e-9)
      }),
    )
  })

  it('spreads hosts of one weight in turn', () => {
    assert.deepEqual(interleave([1, 1, 1, 1]), [0, 1, 2, 3])
    assert.ok(unevenness(interleave([3, 3, 3]), [3, 3, 3]) < 1e-9)
  })

  it('finds even gaps wherever a search of all orders finds some', () => {
    fc.assert(
      fc.property(rounds(4, 4), (counts) => {
        const isPossible = orders(counts).some((order) => unevenness(order, counts) <= 1 + 1e-9)
        const isEven = unevenness(interleave(counts), counts) <= 1 + 1e-9
        assert.equal(isEven, isPossible)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps every host within one slot of its share where gaps cannot be even', () => {
    const counts = [6, 4, 1]
    assert.ok(!orders(counts).some((order) => unevenness(order, counts) <= 1 + 1e-9))
    fc.assert(
      fc.property(rounds(120, 9), (more) => {
        const slots = interleave(more)
        assert.ok(debt(slots, more) <= 1 + 1e-9 || unevenness(slots, more) <= 1 + 1e-9)
      }),
      { numRuns: 50 },
    )
  })

  it('leaves out hosts without slots', () => {
    assert.deepEqual(interleave([0, 2, 0]), [1, 1])
    assert.deepEqual(interleave([]), [])
  })

  it('spreads 5,000 hosts in less than the 50 ms that a change may cost', () => {
    const counts = Array.from({ length: 5000 }, (_, at) => 1 + (at % 3))
    const startMs = performance.now()
    assert.equal(interleave(counts).length, 9999)
    assert.ok(performance.now() - startMs < 50 * SLOW_MACHINES)
  })
})

/** Tests share their processors with other tests. */
const SLOW_MACHINES = 5

/** Every order of a round, up to where it starts. */
function orders(counts: readonly number[]): number[][] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total > 11) return [interleave(counts)]
  const [first = 0, ...rest] = counts
  return fillings([first - 1, ...rest], [0], total)
}

function fillings(left: readonly number[], slots: readonly number[], total: number): number[][] {
  if (slots.length === total) return [[...slots]]
  return left.flatMap((count, host) =>
    count === 0 ? [] : fillings(left.with(host, count - 1), [...slots, host], total),
  )
}
