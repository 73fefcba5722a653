import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sprintf } from './format.ts'
import { Int, type Value } from './value.ts'

/** Format, operand, and what Go 1.26 prints. */
const CASES: readonly (readonly [format: string, value: Value, text: string])[] = [
  ['%.0e', 65, '6e+01'],
  ['%.3g', 1234.5, '1.23e+03'],
  ['%#g', 1, '1.00000'],
  ['%#.3g', 42, '42.0'],
  ['%#.0f', -1, '-1.'],
  ['%E', Number.POSITIVE_INFINITY, '+Inf'],
  ['% f', Number.POSITIVE_INFINITY, ' Inf'],
  ['%010.2f', Number.NaN, '       NaN'],
  ['%08.3f', Number.NEGATIVE_INFINITY, '    -Inf'],
  ['%#o', new Int(0), '0'],
  ['%#o', new Int(8), '010'],
  ['%.0d|', new Int(0), '|'],
  ['%c', new Int(-1), '\ufffd'],
  ['%U', new Int(-1), 'U+FFFFFFFFFFFFFFFF'],
]
for (const [format, value, text] of CASES)
  test(`printf ${format} is ${text}, as in Go`, () => {
    assert.equal(sprintf(format, [value]), text)
  })
