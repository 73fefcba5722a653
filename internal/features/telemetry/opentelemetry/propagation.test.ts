import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { propagation } from './propagation.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const context = {
  traceId: TRACE,
  spanId: SPAN,
  isSampled: true,
  isRemote: false,
  state: 'a=1',
  baggage: 'user=7',
}

describe('trace context', () => {
  it('is read from traceparent, with tracestate and baggage', () => {
    const { parent, baggage } = propagation().extract([
      ...['traceparent', `00-${TRACE}-${SPAN}-01`],
      ...['TraceState', 'a=1', 'tracestate', 'b=2', 'baggage', 'user=7'],
    ])
    assert.deepEqual(parent, { ...context, isRemote: true, state: 'a=1,b=2' })
    assert.equal(baggage, 'user=7')
  })
  const broken = [
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    '',
    'x'.repeat(100_000),
  ]
  for (const header of broken)
    it(`that is broken is none: ${JSON.stringify(header.slice(0, 70))}`, () =>
      assert.equal(propagation().extract(['Traceparent', header]).parent, undefined))
  it('of a later version is read as far as it is known', () =>
    assert.equal(
      propagation().extract(['Traceparent', `01-${TRACE}-${SPAN}-01-more`]).parent?.traceId,
      TRACE,
    ))
  it('replaces what the client sent', () =>
    assert.deepEqual(
      propagation().inject(context, ['Accept', '*/*', 'Traceparent', 'old', 'Baggage', 'old']),
      [
        ...['Accept', '*/*', 'Traceparent', `00-${TRACE}-${SPAN}-01`],
        ...['Tracestate', 'a=1', 'Baggage', 'user=7'],
      ],
    ))
  it('is read from and written into one B3 header', () => {
    const b3 = propagation('b3')
    const [, header = ''] = b3.inject(context, [])
    assert.equal(header, `${TRACE}-${SPAN}-1`)
    assert.equal(b3.extract(['b3', header]).parent?.spanId, SPAN)
    assert.equal(b3.extract(['b3', '0']).parent, undefined)
    assert.equal(b3.extract(['traceparent', `00-${TRACE}-${SPAN}-01`]).parent, undefined)
  })
  it('is read from and written into the several B3 headers; short ids are padded', () => {
    const b3 = propagation('b3multi')
    assert.deepEqual(b3.inject(context, []), [
      ...['X-B3-Traceid', TRACE, 'X-B3-Spanid', SPAN, 'X-B3-Sampled', '1'],
    ])
    const { parent } = b3.extract(['X-B3-TraceId', SPAN, 'X-B3-SpanId', SPAN, 'X-B3-Flags', '1'])
    assert.equal(parent?.traceId, '0'.repeat(16) + SPAN)
    assert.equal(parent?.isSampled, true)
  })
  it('stays out with "none"; unknown names are told', () => {
    assert.deepEqual(propagation('none').inject(context, ['A', 'b']), ['A', 'b'])
    assert.deepEqual(propagation('b3, jaeger,constructor').unknown, ['jaeger', 'constructor'])
  })
  it('never fails, whatever a client sends', () => {
    const names = ['traceparent', 'tracestate', 'baggage', 'b3', 'x-b3-traceid', 'x-b3-spanid']
    const all = propagation('tracecontext,baggage,b3,b3multi')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary' }))),
        (headers) => {
          const { parent } = all.extract(headers.flat())
          if (parent !== undefined) assert.match(parent.traceId, /^[0-9a-f]{32}$/)
        },
      ),
    )
  })
})
