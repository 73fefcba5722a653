import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { goDuration } from './go-duration.ts'
import { goTime, oncePerSecond } from './go-time.ts'

const MORNING = new Date(2026, 2, 5, 4, 7, 9, 80)

describe('Go time layouts', () => {
  const cases: [string, string][] = [
    ['2006/01/02 - 15:04:05.000', '2026/03/05 - 04:07:09.080'],
    ['06-1-2 3:4:5PM', '26-3-5 4:7:9AM'],
    ['Mon Monday Jan January _2', 'Thu Thursday Mar March  5'],
    ['02 Jan 2006 03:04:05 pm', '05 Mar 2026 04:07:09 am'],
    ['05.999 05.000000 05,000', '09.08 09.080000 09,080'],
    ['002', '064'],
    ['nothing to see', 'nothing to see'],
    ['', ''],
  ]
  for (const [layout, text] of cases)
    it(`reads ${JSON.stringify(layout)}`, () => assert.equal(goTime(layout)(MORNING), text))

  it('tells the zone', () => {
    const minutes = -MORNING.getTimezoneOffset()
    const expected = `${minutes < 0 ? '-' : '+'}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')}:${String(Math.abs(minutes) % 60).padStart(2, '0')}`
    assert.equal(goTime('-07:00')(MORNING), expected)
    assert.equal(goTime('-0700')(MORNING), expected.replace(':', ''))
    assert.equal(goTime('Z07:00')(MORNING), minutes === 0 ? 'Z' : expected)
  })

  it('are computed once a second where that is enough', () => {
    let computed = 0
    const format = oncePerSecond((date) => `${++computed} ${date.getSeconds()}`)
    assert.equal(format(5_000), '1 5')
    assert.equal(format(5_999), '1 5')
    assert.equal(format(6_000), '2 6')
    assert.equal(format(5_999), '3 5')
  })
})

describe('Go durations', () => {
  const cases: [number, string][] = [
    [0, '0s'],
    [1, '1ns'],
    [1_100, '1.1µs'],
    [245_628, '245.628µs'],
    [1_000_000, '1ms'],
    [999_999_999, '999.999999ms'],
    [1_000_000_000, '1s'],
    [61_500_000_000, '1m1.5s'],
    [3_600_000_000_000, '1h0m0s'],
    [3_725_000_000_001, '1h2m5.000000001s'],
  ]
  for (const [ns, text] of cases)
    it(`${ns} ns is ${text}`, () => assert.equal(goDuration(ns), text))
})
