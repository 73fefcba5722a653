import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs, parseDuration } from './duration.ts'

const GOOD: Readonly<Record<string, number>> = {
  '2s': 2000,
  '300ms': 300,
  '1h30m': 5_400_000,
  '-1s': -1000,
  '+2s': 2000,
  '.5s': 500,
  '1.s': 1000,
  '1µs': 0.001,
  '1μs': 0.001,
  '1ns': 0.000001,
  '0': 0,
}
const BAD: Readonly<Record<string, string>> = {
  '': 'time: invalid duration',
  abc: 'time: invalid duration',
  s: 'time: invalid duration',
  '-': 'time: invalid duration',
  '10': 'time: missing unit in duration',
  '2x': 'time: unknown unit',
  '2 parsecs': 'time: unknown unit',
  '1d': 'time: unknown unit',
  '1h-2m': 'time: unknown unit',
  '9999999h': 'time: invalid duration',
}

test('a duration is what Go takes for one', () => {
  for (const [text, ms] of Object.entries(GOOD)) assert.deepEqual(parseDuration(text), { ms }, text)
})

test('a text that is no duration has the reason in Go words', () => {
  for (const [text, reason] of Object.entries(BAD))
    assert.deepEqual(parseDuration(text), { reason }, text)
})

test('a number counts nanoseconds, without its fraction', () => {
  assert.equal(durationMs(1_500_000.9), 1.5)
  assert.equal(durationMs('2s'), 2000)
})
