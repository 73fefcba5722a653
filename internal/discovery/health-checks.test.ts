import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { hosts } from '../../test/support/found.ts'
import { handClock } from '../../test/support/hand-clock.ts'
import { HealthChecks } from './health-checks.ts'

function start() {
  const clock = handClock()
  const ill = new Set<string>()
  const asked: string[] = []
  const told: string[][] = []
  const checks = new HealthChecks({
    checks: { path: '/ping', intervalMs: 1000, timeoutMs: 100 },
    scheme: 'https',
    call: async ({ host, scheme }, path, timeoutMs) => {
      asked.push(`${scheme} ${host}${path} ${timeoutMs}`)
      return ill.has(host) ? 'GET /ping answered 500' : undefined
    },
    timer: clock.timer,
    random: () => 0.5,
    tell: (down) => told.push([...down].map(([place, reason]) => `${place}: ${reason}`)),
  })
  /** Rounds that are due, one after the other. */
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) {
      clock.pass(1000)
      for (let at = 0; at < 5; at++) await turn()
    }
  }
  return { checks, clock, ill, asked, told, rounds }
}

describe('active checks', () => {
  it('ask every instance at its path, again and again', async () => {
    const { checks, asked, rounds } = start()
    checks.follow(hosts('a', 'b'))
    await rounds(2)
    assert.deepEqual(asked.toSorted(), [
      'https a/ping 100',
      'https a/ping 100',
      'https b/ping 100',
      'https b/ping 100',
    ])
  })

  it('believe three failures in a row, and two good answers', async () => {
    const { checks, ill, told, rounds } = start()
    checks.follow(hosts('a', 'b'))
    ill.add('a')
    await rounds(2)
    assert.deepEqual(told, [])
    await rounds(2)
    assert.deepEqual(told, [['a:80: GET /ping answered 500']])
    ill.clear()
    await rounds(1)
    assert.equal(told.length, 1)
    await rounds(1)
    assert.deepEqual(told[1], [])
  })

  it('start anew with a failure between good answers', async () => {
    const { checks, ill, told, rounds } = start()
    checks.follow(hosts('a'))
    for (let round = 0; round < 6; round++) {
      if (round % 3 === 2) ill.clear()
      else ill.add('a')
      await rounds(1)
    }
    assert.deepEqual(told, [])
  })

  it('forget who left', async () => {
    const { checks, ill, asked, told, rounds } = start()
    ill.add('a')
    checks.follow(hosts('a', 'b'))
    await rounds(4)
    assert.equal(told.length, 1)
    checks.follow(hosts('b', 'c'))
    asked.length = 0
    await rounds(1)
    assert.equal(
      asked.some((one) => one.includes(' a/')),
      false,
    )
  })

  it('end when they are closed', async () => {
    const { checks, asked, clock, rounds } = start()
    checks.follow(hosts('a'))
    await rounds(1)
    checks.close()
    asked.length = 0
    await rounds(3)
    assert.deepEqual(asked, [])
    assert.equal(clock.waiting, 0)
  })
})
