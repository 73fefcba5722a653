import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ProtoWriter } from './proto-writer.ts'

type Field = { field: number; wire: number; value: bigint | Buffer }

/** Reads one message, as any Protocol Buffers library would. */
function read(bytes: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      assert.ok(byte !== undefined)
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const wire = tag & 7
    let value: bigint | Buffer
    if (wire === 0) value = varint()
    else {
      const size = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint())
      assert.ok(at + size <= bytes.length)
      value = bytes.subarray(at, at + size)
      at += size
    }
    fields.push({ field: tag >> 3, wire, value })
  }
  return fields
}
const firstValue = (bytes: Buffer) => read(bytes)[0]?.value

describe('Protocol Buffers', () => {
  const written = (write: (writer: ProtoWriter) => void): Buffer => {
    const writer = new ProtoWriter(4)
    write(writer)
    return writer.take()
  }

  it("whole numbers come back, negative ones as two's complement", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 2000 }), (number, field) => {
        const bytes = written((writer) => writer.int(field, number))
        assert.equal(read(bytes)[0]?.field, field)
        assert.equal(BigInt.asIntN(64, firstValue(bytes) as bigint), BigInt(number))
      }),
    )
  })
  it('texts come back, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = written((writer) => writer.text(1, text))
        assert.equal((firstValue(bytes) as Buffer).toString(), text)
      }),
    )
  })
  it('doubles, fixed numbers and hexadecimal digits come back', () => {
    assert.equal((firstValue(written((w) => w.double(1, 0.1))) as Buffer).readDoubleLE(), 0.1)
    const ns = 1_795_186_326_000 * 1e6
    assert.equal(
      (firstValue(written((w) => w.fixed64(1, ns))) as Buffer).readBigUInt64LE(),
      BigInt(ns),
    )
    assert.equal(
      (firstValue(written((w) => w.hex(1, '00ff7b'))) as Buffer).toString('hex'),
      '00ff7b',
    )
  })
  it('messages in messages have the length of what they hold, however long', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 5 }), (sizes) => {
        const bytes = written((writer) => {
          const outer = writer.open(3)
          for (const size of sizes) {
            const inner = writer.open(4)
            writer.bytes(5, Buffer.alloc(size, 7))
            writer.close(inner)
          }
          writer.close(outer)
          writer.uint(6, 1)
        })
        const [outer, after] = read(bytes)
        assert.equal(after?.value, 1n)
        const inner = read(outer?.value as Buffer).map(({ value }) => firstValue(value as Buffer))
        assert.deepEqual(
          inner.map((value) => (value as Buffer).length),
          sizes,
        )
      }),
    )
  })
})
