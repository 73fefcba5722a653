import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasChangedNumber, hasRespelledNumber, isRawNumber, parseExactly } from './numbers.ts'

const kept = (text: string, exactSpelling = false): string =>
  JSON.stringify(
    (exactSpelling ? hasRespelledNumber : hasChangedNumber)(text)
      ? parseExactly(text, exactSpelling)
      : JSON.parse(text),
  )

test('numbers whose value a double would change keep every digit', () => {
  for (const number of [
    '9007199254740993',
    '-12345678901234567890',
    '0.12345678901234567891',
    '12345678.1234567891234',
    '1e400',
    '-2.5E+999',
    '1e-400',
    '1.234567e-320',
    '123456789012345678e5',
  ])
    assert.equal(kept(`{"a":[${number}]}`), `{"a":[${number}]}`)
})

test('numbers whose value a double holds are plain numbers', () => {
  for (const number of [
    '1.50',
    '1e3',
    '0.1',
    '9007199254740992',
    '0.30000000000000004',
    '1.0e100',
    '-0',
  ])
    assert.equal(hasChangedNumber(`{"a":${number}}`), false, number)
  assert.equal(typeof parseExactly('1e3', false), 'number')
})

test('with exact spelling every number looks as it was written', () => {
  const text = '{"a":[1.50,1e3,-0,1E+2,0.0000001,100000000000000000000000,7,1.10,-1.5]}'
  assert.equal(kept(text, true), text)
})

test('digits inside texts cost a look, never a change', () => {
  const text = '{"id":"9007199254740993","hash":"a1e400b","list":", 12345678901234567890"}'
  assert.equal(kept(text), text)
  assert.equal(hasChangedNumber('{"id":"12345678901234567890","h":"1e400"}'), false)
})

test('no document loses a digit', () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,24}$/)
  const number = fc
    .tuple(
      fc.boolean(),
      digits,
      fc.option(fc.stringMatching(/^[0-9]{1,22}$/)),
      fc.option(fc.integer({ min: -450, max: 450 })),
    )
    .map(([isNegative, whole, fraction, exponent]) =>
      [
        isNegative ? '-' : '',
        whole,
        fraction === null ? '' : `.${fraction}`,
        exponent === null ? '' : `e${exponent}`,
      ].join(''),
    )
  fc.assert(
    fc.property(number, (text) => {
      assert.equal(kept(`{"a":${text}}`, true), `{"a":${text}}`)
      const value = hasChangedNumber(`[${text}]`) ? parseExactly(text, false) : Number(text)
      const printed = isRawNumber(value) ? value.rawJSON : String(value)
      assert.ok(isEqual(printed, text), `${text} became ${printed}`)
    }),
    { numRuns: 2000 },
  )
})

/** Equality of decimals by whole-number arithmetic, unlike the code under test. */
function isEqual(a: string, b: string): boolean {
  const parts = [a, b].map((text) => {
    const [mantissa = '', exponent = '0'] = text.split('e')
    const [whole = '', fraction = ''] = mantissa.split('.')
    return { digits: BigInt(whole + fraction), power: Number(exponent) - fraction.length }
  })
  const lowest = Math.min(...parts.map(({ power }) => power))
  const [first, second] = parts.map(({ digits, power }) => digits * 10n ** BigInt(power - lowest))
  return first === second
}
