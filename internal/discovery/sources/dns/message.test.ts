import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encode } from 'dns-packet'
import fc from 'fast-check'
import { DiscoveryError } from '../../discovery.ts'
import { cleanName, decodeReply, encodeQuestion } from './message.ts'

const QUESTION = { type: 'SRV', name: '_orders._tcp.shop.test' } as const
const ID = 0x1234

/** What comes of bytes that anyone may send: an answer, somebody else's answer, or a `DiscoveryError`. */
function outcome(bytes: Buffer): unknown {
  try {
    return decodeReply(bytes, QUESTION, ID)
  } catch (error) {
    assert.ok(error instanceof DiscoveryError, String(error))
    return error
  }
}

const honest = encode({
  type: 'response',
  id: ID,
  questions: [{ ...QUESTION, class: 'IN' }],
  answers: [
    {
      type: 'SRV',
      name: QUESTION.name,
      ttl: 5,
      data: { priority: 1, weight: 2, port: 80, target: 'One.shop.test' },
    },
    { type: 'A', name: 'one.shop.test', ttl: 5, data: '10.0.0.1' },
    { type: 'AAAA', name: 'one.shop.test', ttl: 5, data: 'fd00::1' },
  ],
})

describe('DNS messages', () => {
  it('reads an honest answer', () => {
    assert.deepEqual(decodeReply(honest, QUESTION, ID)?.answers, [
      {
        type: 'SRV',
        name: QUESTION.name,
        ttlSeconds: 5,
        srv: { priority: 1, weight: 2, port: 80, target: 'one.shop.test' },
      },
      { type: 'A', name: 'one.shop.test', ttlSeconds: 5, address: '10.0.0.1' },
      { type: 'AAAA', name: 'one.shop.test', ttlSeconds: 5, address: 'fd00::1' },
    ])
  })

  it('takes no answer with another id or question, and no question for an answer', () => {
    assert.equal(decodeReply(honest, QUESTION, ID + 1), undefined)
    assert.equal(decodeReply(honest, { ...QUESTION, type: 'A' }, ID), undefined)
    assert.equal(decodeReply(honest, { ...QUESTION, name: 'other.test' }, ID), undefined)
    assert.equal(decodeReply(encodeQuestion(QUESTION, ID, true), QUESTION, ID), undefined)
  })

  it('never fails otherwise than with a DiscoveryError on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 400 }), (random) => {
        const bytes = Buffer.from(random)
        if (bytes.length >= 2) bytes.writeUInt16BE(ID)
        outcome(bytes)
      }),
      { numRuns: 2000 },
    )
  })

  it('never fails otherwise on an answer with some bytes changed or cut off', () => {
    const place = fc.nat({ max: honest.length - 3 })
    const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(changes, place, (changed, length) => {
        const bytes = Buffer.from(honest)
        for (const [at, value] of changed) bytes[at + 2] = value
        outcome(bytes)
        outcome(bytes.subarray(0, length))
      }),
      { numRuns: 2000 },
    )
  })

  it('reads a message full of compression pointers in little time', () => {
    const label = Buffer.from(`\x3f${'a'.repeat(63)}`.repeat(3))
    const record = Buffer.from([
      0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 5, 0, 8, 0, 1, 0, 1, 0, 80, 0xc0, 12,
    ])
    const records = 3000
    const header = Buffer.from([0x12, 0x34, 0x80, 0, 0, 1, records >> 8, records & 255, 0, 0, 0, 0])
    const question = Buffer.concat([label, Buffer.from([0, 0, 33, 0, 1])])
    const bytes = Buffer.concat([
      header,
      question,
      ...Array.from({ length: records }, () => record),
    ])
    const startMs = performance.now()
    outcome(bytes)
    assert.ok(performance.now() - startMs < 500)
  })

  it('knows what a server may be asked for', () => {
    assert.equal(cleanName('_Orders._TCP.shop.test.'), '_orders._tcp.shop.test')
    for (const name of ['', '.', 'a..b', 'a b', 'a/b', 'ä.test', 'a@b', `${'a'.repeat(64)}.test`])
      assert.equal(cleanName(name), undefined, name)
    assert.equal(cleanName(`${'a.'.repeat(127)}b`), undefined)
  })
})
