import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { type Deadline, DeadlineWheel } from './deadline.ts'

/** How late an end may be: a tick, and what a busy machine adds. */
const SLACK_MS = 150

const endOf = (deadline: Deadline): Promise<number> =>
  new Promise((resolve) => deadline.whenOver(() => resolve(performance.now())))

describe('the deadline wheel', () => {
  test('ends each deadline at its time, never before', async () => {
    const wheel = new DeadlineWheel()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 40 }),
        async (timeouts) => {
          const startMs = performance.now()
          const ends = timeouts.map((ms) => endOf(wheel.start(startMs).limit(ms)))
          for (const [at, end] of ends.entries()) {
            const lateMs = (await end) - startMs - (timeouts[at] ?? 0)
            assert.ok(lateMs >= 0 && lateMs < SLACK_MS, `${lateMs} ms late`)
          }
        },
      ),
      { numRuns: 8 },
    )
  })

  test('one that takes its neighbours along leaves the others of their slot their time', async () => {
    const wheel = new DeadlineWheel()
    const startMs = performance.now()
    const last = wheel.start(startMs).limit(30)
    const neighbour = wheel.start(startMs).limit(30)
    const first = wheel.start(startMs).limit(30)
    first.whenOver(() => neighbour.finish())
    const lateMs = (await endOf(last)) - startMs - 30
    assert.ok(lateMs < SLACK_MS, `${lateMs} ms late`)
    assert.equal(neighbour.reason, undefined)
  })

  test('one whose time is up before it is set ends at the next turn', async () => {
    const wheel = new DeadlineWheel()
    const startMs = performance.now()
    const other = wheel.start(startMs).limit(10_000)
    const lateMs = (await endOf(wheel.start(startMs - 500).limit(1))) - startMs
    assert.ok(lateMs < SLACK_MS, `${lateMs} ms late`)
    other.finish()
  })

  test('a time that nothing fits into is over before anything is tried', () => {
    const wheel = new DeadlineWheel()
    const deadline = wheel.start(performance.now()).limit(-1000)
    assert.equal(deadline.reason?.code, 'timeout')
    assert.equal(deadline.within(5).reason?.code, 'timeout')
    assert.equal(wheel.start(performance.now()).limit(5e-6).reason?.code, 'timeout')
  })

  test('one that is held does not end, and has all its time again when it goes on', async () => {
    const wheel = new DeadlineWheel()
    const deadline = wheel.start(performance.now()).limit(40)
    deadline.hold()
    await wait(80)
    assert.equal(deadline.reason, undefined)
    const againMs = performance.now()
    deadline.restart()
    const half = deadline.sooner(0.5)
    const [halfMs, endMs] = await Promise.all([endOf(half), endOf(deadline)])
    assert.ok(halfMs - againMs >= 20 && halfMs < endMs, `${halfMs - againMs} ms`)
    const lateMs = endMs - againMs - 40
    assert.ok(lateMs >= 0 && lateMs < SLACK_MS, `${lateMs} ms late`)
  })

  test('one that is held ends when its client goes, for good', async () => {
    const wheel = new DeadlineWheel()
    const deadline = wheel.start(performance.now()).limit(10)
    deadline.hold()
    deadline.cancel()
    deadline.restart()
    assert.equal(deadline.reason?.code, 'canceled')
    assert.equal(deadline.slot, -1)
  })

  test('one without a time yet may be restarted before it gets one', async () => {
    const wheel = new DeadlineWheel()
    const deadline = wheel.start(performance.now() - 1000)
    const againMs = performance.now()
    deadline.restart()
    const end = endOf(deadline.limit(30))
    assert.ok((await end) - againMs >= 30)
  })

  test('one inside another ends with it, and sooner when its own time is shorter', async () => {
    const wheel = new DeadlineWheel()
    const outer = wheel.start(performance.now()).limit(60)
    const sooner = outer.sooner(0.5)
    const longer = outer.within(10_000)
    const order: string[] = []
    sooner.whenOver(() => order.push('sooner'))
    longer.whenOver(() => order.push('longer'))
    outer.whenOver(() => order.push('outer'))
    await endOf(outer)
    await wait(0)
    assert.deepEqual(order.toSorted(), ['longer', 'outer', 'sooner'])
    assert.equal(order[0], 'sooner')
    assert.equal(longer.reason?.code, 'timeout')
  })

  test('one that is finished tells nobody and runs its cleanups once', async () => {
    const wheel = new DeadlineWheel()
    const deadline = wheel.start(performance.now()).limit(10)
    let cleanups = 0
    deadline.whenOver(() => assert.fail('told'))
    deadline.whenDone(() => {
      cleanups++
    })
    deadline.finish()
    deadline.cancel()
    await wait(40)
    assert.equal(cleanups, 1)
    assert.equal(deadline.reason, undefined)
  })
})
