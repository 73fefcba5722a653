import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ReplyStore } from './reply-store.ts'
import { type StoredReply, sizeOf } from './stored-reply.ts'

const reply = (body: string, ...varied: string[]): StoredReply => ({
  status: 200,
  headers: ['Etag', '"1"'],
  body,
  requestedMs: 0,
  receivedMs: 0,
  varied,
})

describe('the store', () => {
  it('forgets what was used longest ago when it has too many', () => {
    const store = new ReplyStore({ maxItems: 2, maxBytes: 10_000 })
    for (const key of ['a', 'b']) store.set(key, reply(key), false)
    store.get('a', [])
    store.set('c', reply('c'), false)
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => store.get(key, [])?.body),
      ['a', undefined, 'c'],
    )
  })

  it('keeps no answer as large as itself, nor what that would have replaced', () => {
    const small = reply('x')
    const store = new ReplyStore({ maxItems: 9, maxBytes: sizeOf(small) + 1 })
    store.set('a', small, false)
    assert.equal(store.get('a', [])?.body, 'x')
    store.set('a', reply('xx'), false)
    assert.equal(store.get('a', []), undefined)
    assert.equal(store.bytes, 0)
  })

  it('keeps so many variants, the latest first', () => {
    const store = new ReplyStore({ maxItems: 9, maxBytes: 100_000 })
    for (let at = 0; at < 20; at++) store.set('a', reply(`${at}`, 'x-a', `${at}`), true)
    assert.equal(store.get('a', ['X-A', '19'])?.body, '19')
    assert.equal(store.get('a', ['X-A', '4'])?.body, '4')
    assert.equal(store.get('a', ['X-A', '3']), undefined)
  })

  it('never holds more than its limits, and counts its bytes right', () => {
    const steps = fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        size: fc.nat(300),
        variant: fc.constantFrom('', '1', '2'),
        isDelete: fc.boolean(),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const store = new ReplyStore({ maxItems: 3, maxBytes: 600 })
        for (const { key, size, variant, isDelete } of all) {
          if (isDelete) store.delete(key)
          else store.set(key, reply('x'.repeat(size), 'x-a', variant), true)
          assert.ok(store.items <= 3 && store.bytes <= 600)
        }
        for (const key of ['a', 'b', 'c', 'd', 'e']) store.delete(key)
        assert.equal(store.bytes, 0)
      }),
    )
  })
})
