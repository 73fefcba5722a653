import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { gobBody, gobMessage } from './gob.ts'

const metadata = new Map([['X-Forwarded-For', '127.0.0.1']])

describe('the gob of a message', () => {
  it('is what Go writes', () => {
    const short =
      '0d7f040102ff8000010c010c00001eff8000010f582d466f727761726465642d466f72093132372e302e302e31050a00026869'
    assert.equal(gobMessage({ body: Buffer.from('hi'), metadata }).toString('hex'), short)
    const long = gobMessage({ body: Buffer.alloc(300, 'x'), metadata: new Map([['a', 'b']]) })
    assert.equal(
      long.subarray(0, 40).toString('hex'),
      '0d7f040102ff8000010c010c000008ff80000101610162fe01310a00fe012c787878787878787878',
    )
    assert.equal(String(gobBody(Buffer.from(short, 'hex'))), 'hi')
  })
  it('gives any body back', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70_000 }),
        fc.dictionary(fc.string(), fc.string()),
        (bytes, headers) => {
          const body = Buffer.from(bytes)
          const message = gobMessage({ body, metadata: new Map(Object.entries(headers)) })
          assert.deepEqual(gobBody(message), body)
        },
      ),
      { numRuns: 50 },
    )
  })
  it('is no gob when it is cut, or something else: then all of it is the body', () => {
    const whole = gobMessage({ body: Buffer.from('hi'), metadata })
    for (let end = 0; end < whole.length; end++)
      assert.equal(gobBody(whole.subarray(0, end)).length, end)
    for (const text of ['', '{"a":1}', '\r\u007f', 'plain'])
      assert.equal(String(gobBody(Buffer.from(text))), text)
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        gobBody(Buffer.from(bytes))
      }),
    )
  })
})
