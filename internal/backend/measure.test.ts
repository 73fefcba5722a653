import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestWith } from '../../test/support/snapshots.ts'
import { GatewayError } from '../errors.ts'
import { bodyOf } from '../pipe/collect.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { ProxyResponse } from '../pipe/pipe.ts'
import type { Meters } from '../telemetry/metrics.ts'
import { backendMeter } from './measure.ts'

const deadline = new DeadlineWheel().start(0)

/** Meters that count by host and outcome, and how often a series was asked for. */
function counted() {
  const counts: Record<string, number> = {}
  let asked = 0
  const meters: Meters = {
    counter(_name, { host, outcome } = {}) {
      asked++
      const key = `${host} ${outcome}`
      const add = (amount: number): void => {
        counts[key] = (counts[key] ?? 0) + amount
      }
      return { add }
    },
    gauge: () => ({ add() {}, set() {} }),
    histogram: () => ({ observe() {} }),
    remove() {},
  }
  return { counts, meter: backendMeter(meters, '/e', '/b'), asked: () => asked }
}

const answers = (isComplete: boolean): ProxyResponse => ({
  ...{ kind: 'stream', status: 200, headers: [], body: bodyOf(Buffer.alloc(0)) },
  ...{ isComplete, errors: [] },
})

test('counts each call with its own host and outcome, in whatever order they come', async () => {
  const { counts, meter } = counted()
  const call = (host: string, end: boolean | Error) =>
    meter
      .decorate(async () => {
        if (end instanceof Error) throw end
        return answers(end)
      })(requestWith({ host }), deadline)
      .catch(() => undefined)
  const refused = new GatewayError('connect')
  for (const [host, end] of [
    ...[['a', true] as const, ['a', true] as const, ['b', true] as const, ['a', false] as const],
    ...[['a', refused] as const, ['b', refused] as const, ['a', true] as const],
  ])
    await call(host, end)
  assert.deepEqual(counts, {
    ...{ 'a success': 3, 'b success': 1 },
    ...{ 'a incomplete': 1, 'a connect': 1, 'b connect': 1 },
  })
})

test('asks for a new series when a host that was forgotten comes back', async () => {
  const { meter, asked } = counted()
  const call = meter.decorate(async () => answers(true))
  await call(requestWith({ host: 'a' }), deadline)
  await call(requestWith({ host: 'a' }), deadline)
  assert.equal(asked(), 1)
  meter.forget('a')
  await call(requestWith({ host: 'a' }), deadline)
  assert.equal(asked(), 2)
})
