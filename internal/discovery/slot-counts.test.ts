import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Found, Scheme } from './discovery.ts'
import { slotCounts } from './slot-counts.ts'
import { snapshot } from './snapshot.ts'
import { lowestPriority, type SrvRecord } from './sources/dns/srv.ts'

type Vector = {
  readonly sd_scheme: Scheme | ''
  readonly records: readonly SrvRecord[]
  readonly slots?: readonly (readonly [string, number])[]
  readonly must_include?: readonly string[]
  readonly ratio_within?: number
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../../test/fixtures/srv-vectors.json', import.meta.url), 'utf8'),
)

/** What a backend with these records serves: URL → slots. */
function slotsOf({ records, sd_scheme }: Vector): Map<string, number> {
  const found: Found[] = lowestPriority(records).map(({ target, port, weight }) => {
    return { host: target, port, weight, addresses: [], basePath: '', zone: '', metadata: {} }
  })
  const { slots, urls } = snapshot({
    name: 'orders',
    version: 1,
    scheme: sd_scheme === '' ? 'http' : sd_scheme,
    found,
  })
  return summed(slots.map((slot) => [urls[slot] ?? '', 1]))
}

/** Vectors name a host as often as its records do. */
function summed(rows: readonly (readonly [string, number])[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [url, count] of rows) counts.set(url, (counts.get(url) ?? 0) + count)
  return counts
}

const counts = (weights: readonly number[]) =>
  slotCounts(weights.map((weight, host) => ({ host, weight })))

describe('slot counts', () => {
  for (const [index, vector] of vectors.entries()) {
    it(`expands the records of vector ${index}`, () => {
      const served = slotsOf(vector)
      if (vector.slots !== undefined) assert.deepEqual(served, summed(vector.slots))
      for (const url of vector.must_include ?? []) assert.ok(served.has(url), url)
      if (vector.ratio_within !== undefined) assertRatios(vector, served)
    })
  }

  it('gives fractions of a weight their share', () => {
    assert.deepEqual(counts([0.5, 1.5]), [1, 3])
  })

  it('treats a weight that makes no sense as none', () => {
    assert.deepEqual(counts([-3, Number.NaN, 2]), [0, 0, 1])
    assert.deepEqual(counts([Number.POSITIVE_INFINITY, 1]), [99, 1])
  })

  it('keeps every host of a large set', () => {
    const slots = counts(Array.from({ length: 5000 }, (_, at) => 1 + (at % 7) ** 5))
    assert.ok(slots.every((count) => count >= 1))
    assert.ok(slots.reduce((sum, count) => sum + count, 0) <= 10_000)
  })
})

function assertRatios({ records, ratio_within = 0 }: Vector, served: Map<string, number>): void {
  const best = lowestPriority(records)
  const weights = best.reduce((sum, record) => sum + record.weight, 0)
  const slots = [...served.values()].reduce((sum, count) => sum + count, 0)
  for (const [url, count] of served) {
    const weight = best
      .filter(({ target, port }) => url.endsWith(`//${target}:${port}`))
      .reduce((sum, record) => sum + record.weight, 0)
    assert.ok(Math.abs(count / slots - weight / weights) <= ratio_within, url)
  }
}
