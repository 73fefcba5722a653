import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { goDouble } from './go-double.ts'

describe('a number as Go prints it', () => {
  // What Go's strconv.FormatFloat(f, 'g', -1, 64) printed.
  const cases: [number, string][] = [
    [1048576, '1.048576e+06'],
    [262144, '262144'],
    [67108864, '6.7108864e+07'],
    [1234567.5, '1.2345675e+06'],
    [100000, '100000'],
    [1000000, '1e+06'],
    [999999, '999999'],
    [2.1812e-5, '2.1812e-05'],
    [0.0001, '0.0001'],
    [0.00012345, '0.00012345'],
    [6.804627000000001, '6.804627000000001'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [0.075, '0.075'],
    [0, '0'],
    [-0, '-0'],
    [0.00009999, '9.999e-05'],
    [5e-324, '5e-324'],
    [-1.5, '-1.5'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ]
  for (const [value, text] of cases)
    it(`reads ${text} for ${value}`, () => assert.equal(goDouble(value), text))
})
