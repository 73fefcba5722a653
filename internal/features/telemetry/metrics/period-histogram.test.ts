import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { metricsHub } from '../../../telemetry/metrics-hub.ts'
import { threadMeters } from '../../../telemetry/thread-meters.ts'
import { cellsNow, summary } from './period-histogram.ts'

function histogram() {
  const hub = metricsHub()
  const meters = threadMeters({ post: (message) => hub.receive(1, message) })
  const cell = meters.histogram('stats_response_time', { endpoint: '/a' })
  meters.flush()
  const series = [...hub.families()].find(({ family }) => family.name === 'stats_response_time')
  const [one] = [...(series?.series.values() ?? [])]
  assert.ok(one !== undefined)
  return { cell, now: () => cellsNow(one), bounds: one.family.buckets ?? [] }
}

describe('a histogram of one period', () => {
  it('knows count and mean exactly, and quantiles within five percent', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1000, max: 1e10, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (values) => {
          const { cell, now, bounds } = histogram()
          for (const value of values) cell.observe(value)
          const sorted = values.toSorted((one, other) => one - other)
          const found = summary(bounds, now(), undefined)
          const isNear = (one: number, other: number, share: number) =>
            assert.ok(Math.abs(one - other) <= other * share + 1e-6, `${one} ${other}`)
          assert.equal(found.count, values.length)
          isNear(found.mean, values.reduce((sum, value) => sum + value, 0) / values.length, 1e-9)
          isNear(found.min, sorted[0] ?? 0, 0.05)
          isNear(found.max, sorted.at(-1) ?? 0, 0.05)
          isNear(found.percentile(0.5), sorted[Math.ceil(values.length / 2) - 1] ?? 0, 0.05)
        },
      ),
      { numRuns: 50 },
    )
  })
  it('forgets what was before', () => {
    const { cell, now, bounds } = histogram()
    cell.observe(5000)
    const mark = now()
    assert.equal(summary(bounds, now(), mark).count, 0)
    cell.observe(70_000)
    const found = summary(bounds, now(), mark)
    assert.deepEqual(
      [found.count, found.min, found.max, found.mean, found.stdDev],
      [1, 70_000, 70_000, 70_000, 0],
    )
  })
})
