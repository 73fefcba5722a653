import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noteOwned } from '../pipe/chunk-memory.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import { Exchange } from './exchange.ts'

const READ_BYTES = 64 << 10

/** What one read of a socket brought. */
function read(isNoted = true): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(READ_BYTES))
  if (isNoted) noteOwned(bytes)
  return bytes
}
const isFree = (chunk: Buffer): boolean => chunk.length === 0

function exchange(): Exchange {
  const call = { origin: 'http://a', method: 'GET', path: '/', headers: [], body: undefined }
  const ignore = () => {}
  return new Exchange(call, new DeadlineWheel().start(performance.now()), ignore, ignore)
}

describe('Exchange', () => {
  test('frees a read when a chunk of the next one left, whatever it was cut into', () => {
    const [first, second] = [read(), read()]
    const body = exchange()
    body.left(first.subarray(10, 2000))
    body.left(first.subarray(2002))
    assert.equal(isFree(first), false)
    body.left(second.subarray(0, 5))
    assert.deepEqual([isFree(first), isFree(second)], [true, false])
  })

  test("leaves memory alone that is not one read's own", () => {
    const pooled = Buffer.allocUnsafe(9000)
    noteOwned(pooled)
    const others = [read(false), pooled, Buffer.from('small')]
    const body = exchange()
    for (const chunk of [...others, read()]) body.left(chunk)
    assert.deepEqual(others.map(isFree), [false, false, false])
  })
})
