import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routeMeter } from './route-meter.ts'

test('counts each status by itself, in whatever order they come', () => {
  const counts: Record<string, number> = {}
  const meter = routeMeter(
    {
      counter: (_name, { status = '' } = {}) => ({
        add(amount) {
          counts[status] = (counts[status] ?? 0) + amount
        },
      }),
      gauge: () => ({ add() {}, set() {} }),
      histogram: () => ({ observe() {} }),
      remove() {},
    },
    '/e',
    'GET',
  )
  for (const status of [200, 200, 500, 200, 500, 404]) meter.record(status, 1)
  assert.deepEqual(counts, { 200: 3, 404: 1, 500: 2 })
})
