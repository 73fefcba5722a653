import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Span, spanRecorder } from './span-recorder.ts'

const span: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isSampled: true,
  isRemote: false,
  state: '',
  baggage: '',
  parent: undefined,
  name: '/a',
  kind: 2,
  startMs: 0,
}
const end = { attributes: ['krakend.stage', 'global'], status: 'ok' } as const

describe('spans of a thread', () => {
  it('go in batches of 512, and the rest when it is asked for', async () => {
    const batches: number[] = []
    const recorder = spanRecorder({
      send: async (spans, count) => {
        assert.ok(spans.includes('krakend.stage'))
        batches.push(count)
      },
      onDropped: () => assert.fail('nothing is lost'),
      now: Date.now,
    })
    for (let count = 0; count < 1030; count++) recorder.record(span, end)
    await recorder.flush()
    assert.deepEqual(batches, [512, 512, 6])
    await recorder.flush()
    assert.equal(batches.length, 3)
  })
  it('are lost and counted, not kept, when nobody takes them', async () => {
    let dropped = 0
    let accept = () => {}
    const recorder = spanRecorder({
      send: () =>
        new Promise<void>((resolve) => {
          const before = accept
          accept = () => {
            before()
            resolve()
          }
        }),
      onDropped: (count) => {
        dropped += count
      },
      now: Date.now,
    })
    for (let count = 0; count < 512 * 10; count++) recorder.record(span, end)
    assert.equal(dropped, 512 * 2)
    accept()
    await recorder.flush()
  })
  it('count as lost when handing them over fails', async () => {
    let dropped = 0
    const recorder = spanRecorder({
      send: () => Promise.reject(new Error('no main thread')),
      onDropped: (count) => {
        dropped += count
      },
      now: Date.now,
    })
    recorder.record(span, end)
    await recorder.flush()
    assert.equal(dropped, 1)
  })
})
