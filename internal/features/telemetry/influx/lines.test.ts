import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EMPTY, summary } from '../metrics/period-histogram.ts'
import type { Stats } from '../metrics/registry.ts'
import { influxLines } from './lines.ts'

const nothing = { current: 0, gauge: 0, total: 0 }
const stats = (total: number): Stats => ({
  connected: { current: 1, gauge: 2, total: 3 },
  disconnected: nothing,
  runtime: undefined,
  tls: [],
  endpoints: [{ name: '/a b,c=d', statuses: [['200', total]], size: EMPTY, time: EMPTY }],
  layers: [
    {
      layer: 'pipe',
      name: '/a/:id',
      complete: true,
      error: false,
      total,
      latency: summary([10, 20], { counts: [0, 2, 0], sum: 30 }, undefined),
    },
  ],
})

describe('lines for InfluxDB', () => {
  it('count what came since the lines before, beside the total', () => {
    const lines = influxLines('h')
    const requests = (text: string) => /^requests,.* total=(.*) \d+$/m.exec(text)?.[1]
    assert.equal(requests(lines(stats(5), 7000)), '5i,count=5i')
    assert.equal(requests(lines(stats(8), 8000)), '8i,count=3i')
  })
  it("carry tags in KrakenD's order, the time in seconds, and no empty summary", () => {
    const text = influxLines('h')(stats(5), 7900)
    assert.match(
      text,
      /^requests,host=h,layer=pipe,name=\/a\/:id,complete=true,error=false total=5i,count=5i 7\n/,
    )
    assert.match(text, /^requests,.* max=15i,min=15i,mean=15i,stddev=0i,variance=0i,p0\.1=15,/m)
    assert.match(text, /^router,host=h,direction=in current=1i,gauge=2i,total=3i 7$/m)
    assert.doesNotMatch(text, /router\.response-time/)
  })
  it('escape what would end a tag', () => {
    assert.match(
      influxLines('h')(stats(1), 0),
      /^responses,host=h,name=\/a\\ b\\,c\\=d,status=200 /m,
    )
  })
  it('hold every variance in 64 bits', () => {
    const wide = { ...stats(1) }
    const latency = { ...EMPTY, count: 2, stdDev: 1e11 }
    const text = influxLines('h')(
      { ...wide, layers: wide.layers.map((layer) => ({ ...layer, latency })) },
      0,
    )
    const variance = BigInt(/variance=([1-9]\d*)i/.exec(text)?.[1] ?? 0)
    assert.ok(variance > 9e18 && variance < 2n ** 63n)
  })
})
