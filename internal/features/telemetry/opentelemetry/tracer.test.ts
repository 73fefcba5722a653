import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tracer, UNSAMPLED } from './tracer.ts'

const recorder = { record: () => {}, flush: async () => {} }
const remote = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isSampled: false,
  isRemote: true,
  state: '',
  baggage: '',
}
const at = (sampleRate: number, random = 0.5) =>
  tracer({ sampleRate, recorder, random: () => random })

describe('sampling', () => {
  it('at rate 1 records everything, also what the caller did not sample, as KrakenD does', () =>
    assert.equal(at(1).begin('/', 2, remote, 0)?.traceId, remote.traceId))
  it('below 1 does as the caller decided', () => {
    assert.equal(at(0.9).begin('/', 2, remote, 0), undefined)
    const sampled = { ...remote, isSampled: true }
    assert.equal(at(0).begin('/', 2, sampled, 0)?.parent, sampled)
  })
  it('below 1 decides by chance for requests that nobody decided about', () => {
    assert.ok(at(0.6).begin('/', 2, undefined, 0) !== undefined)
    assert.equal(at(0.4).begin('/', 2, undefined, 0), undefined)
    assert.equal(at(0, 0).begin('/', 2, undefined, 0), undefined)
  })
  it('is decided once: nothing below an unsampled request decides again', () =>
    assert.equal(at(0.6).begin('/', 1, UNSAMPLED, 0), undefined))
  it('gives every span an id of its own', () => {
    const spans = Array.from({ length: 2000 }, () => at(1).begin('/', 2, undefined, 0))
    assert.equal(new Set(spans.map((span) => span?.spanId)).size, 2000)
    assert.match(spans[0]?.traceId ?? '', /^[0-9a-f]{32}$/)
  })
})
