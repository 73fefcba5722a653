import assert from 'node:assert/strict'
import { it } from 'node:test'
import { halfSipHash } from './half-sip-hash.ts'

it('hashes as the reference implementation does', () => {
  // Key 00 01 .. 07, message 00 01 .. (length - 1).
  const vectors: [number, string][] = [
    [0, '218d1f59b9b83cc8'],
    [2, '064f39ef7c50eb57'],
    [4, 'd5e78a175be52ea1'],
    [6, 'ce3e91358aa2bc25'],
    [8, 'edfee820bce4858c'],
    [62, 'f90b3ab572d46693'],
  ]
  const keyed = halfSipHash([0x03020100, 0x07060504])
  for (const [length, expected] of vectors) {
    keyed.hash(Buffer.from(Array.from({ length }, (_all, byte) => byte)).toString('utf16le'))
    const bytes = Buffer.alloc(8)
    bytes.writeInt32LE(keyed.low, 0)
    bytes.writeInt32LE(keyed.high, 4)
    assert.equal(bytes.toString('hex'), expected)
  }
})

it('hashes otherwise under another seed', () => {
  const results = new Set<string>()
  for (let seed = 0; seed < 1000; seed++) {
    const keyed = halfSipHash([seed, 0])
    keyed.hash('192.0.2.1')
    results.add(`${keyed.high} ${keyed.low}`)
  }
  assert.equal(results.size, 1000)
})
