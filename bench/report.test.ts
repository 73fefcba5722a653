import assert from 'node:assert/strict'
import { test } from 'node:test'
import { report } from './report.ts'
import type { Timing, Verdict } from './results.ts'

const timing = (cpuUs: number): Timing => ({
  requestsPerSecond: 1000,
  p50Ms: 1,
  p99Ms: 2,
  cpuUs,
  memoryMb: 90 + cpuUs,
})
const verdict = (value: number): Verdict => ({
  scenario: 'json',
  says: `is ${value}`,
  most: 2,
  value,
})
const results = {
  about: ['Machine: this one'],
  scenarios: [
    {
      name: 'json',
      does: 'does something',
      width: 1,
      contestants: [
        { name: 'gateway', idleMb: 50, timings: [timing(20), timing(60), timing(30)] },
        { name: 'nginx', idleMb: 10, timings: [timing(10), timing(20), timing(20)] },
      ],
      skipped: [{ name: 'krakend', reason: 'KRAKEND=path is not given' }],
      verdicts: [],
    },
  ],
  starts: [],
  verdicts: [verdict(1.5), verdict(2.5), verdict(Number.NaN)],
}

test('shows medians, the most memory, and the median of the ratios of the rounds', () => {
  const page = report(results)
  assert.match(page, /\| gateway \| 30\.0 \| 1000 \| 1\.00 \| 2\.00 \| 50 \| 150 \| {2}\|/)
  assert.match(page, /\| nginx \| 20\.0 \|.*\| 2\.00 x \|/)
})

test('says which target is passed, missed or not measured, and who did not take part', () => {
  const page = report(results)
  assert.match(page, /\| is 1\.5 \| 1\.50 \| 2 \| pass \|/)
  assert.match(page, /\| is 2\.5 \| 2\.50 \| 2 \| \*\*miss\*\* \|/)
  assert.match(page, /\| is NaN \| - \| 2 \| not measured \|/)
  assert.match(page, /- json: krakend: KRAKEND=path is not given/)
})
