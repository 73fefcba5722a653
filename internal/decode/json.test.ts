import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GatewayError } from '../errors.ts'
import type { Decoded, DecodeOptions } from './decode.ts'
import { decoderFor } from './decode.ts'
import { isTooDeep, scanJson } from './json-scan.ts'

const decode = (
  body: string | Buffer,
  {
    encoding = 'json',
    isCollection = false,
    ...options
  }: Partial<DecodeOptions> & {
    encoding?: string
    isCollection?: boolean
  } = {},
): Decoded =>
  decoderFor({ encoding, isCollection }, { exactSpelling: false, ...options })(
    Buffer.from(body),
    undefined,
  )

function failure(body: string | Buffer, isCollection = false): string {
  try {
    decode(body, { isCollection })
  } catch (error) {
    assert.ok(error instanceof GatewayError && error.code === 'decode')
    return error.message
  }
  return 'no error'
}

test('an object keeps its exact bytes as source', () => {
  const bytes = Buffer.from(' {"a": 1.50, "ü": [true, null]}\n')
  const { data, sources } = decode(bytes)
  assert.deepEqual(data, { a: 1.5, ü: [true, null] })
  assert.equal(sources.length, 1)
  assert.equal(sources[0]?.value, data)
  assert.deepEqual(sources[0]?.text, bytes)
})

test('a list is found under collection, with its own bytes as source', () => {
  const bytes = Buffer.from('[1,"two"]')
  const { data, sources } = decode(bytes, { isCollection: true })
  assert.deepEqual(data, { collection: [1, 'two'] })
  assert.equal(sources.length, 1)
  assert.equal(sources[0]?.value, data?.['collection'])
  assert.equal(sources[0]?.text, '[1,"two"]')
  assert.deepEqual(decode('null', { isCollection: true }).data, { collection: null })
})

test('ASCII is kept as a text while it is short, other bytes as they are', () => {
  const long = Buffer.from(`{"a":"${'x'.repeat(3000)}"}`)
  assert.equal(decode(Buffer.from('{"a":1}')).sources[0]?.text, '{"a":1}')
  assert.deepEqual(decode(long).sources[0]?.text, long)
})

test('null is an answer without data', () => {
  assert.deepEqual(decode('null'), { data: null, sources: [] })
})

test('what follows the first value is ignored, and then the bytes are no source', () => {
  assert.deepEqual(decode('{"a":1}{"b":2}'), { data: { a: 1 }, sources: [] })
  assert.deepEqual(decode('{"a":1} <junk'), { data: { a: 1 }, sources: [] })
})

test('invalid UTF-8 becomes one U+FFFD a byte, and then the bytes are no source', () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"x'), Buffer.of(0xe2, 0x82), Buffer.from('y"}')])
  assert.deepEqual(decode(bytes), { data: { a: 'x\ufffd\ufffdy' }, sources: [] })
})

test('a __proto__ key is data, the last of equal keys wins', () => {
  const { data } = decode('{"__proto__":{"x":1},"a":1,"a":2}')
  assert.deepEqual(Object.keys(data ?? {}), ['__proto__', 'a'])
  assert.equal(JSON.stringify(data), '{"__proto__":{"x":1},"a":2}')
  assert.equal(
    JSON.stringify(decode('{"__proto__":{"n":12345678901234567890}}').data),
    '{"__proto__":{"n":12345678901234567890}}',
  )
})

test('safejson takes any value', () => {
  const safe = (body: string) => decode(body, { encoding: 'SafeJSON', isCollection: true }).data
  assert.deepEqual(safe('{"a":1}'), { a: 1 })
  assert.deepEqual(safe('[1]'), { collection: [1] })
  assert.deepEqual(safe('null'), { content: null })
  assert.equal(JSON.stringify(safe('12345678901234567890')), '{"content":12345678901234567890}')
})

test('string takes the whole body', () => {
  assert.deepEqual(decode('a\r\nb', { encoding: 'string' }).data, { content: 'a\r\nb' })
})

test('failures have the texts of Go', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'EOF'],
    [' \n', 'EOF'],
    ['{"a":', 'unexpected EOF'],
    ['<html>', "invalid character '<' looking for beginning of value"],
    ['\x1f\x8b', "invalid character '\\x1f' looking for beginning of value"],
    ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
    ['{a}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":"\t"}', "invalid character '\\t' in string literal"],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
    ['{"a":"\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"],
    ['{"a":-}', "invalid character '}' in numeric literal"],
    ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
    ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['[1]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['"x"', 'json: cannot unmarshal string into Go value of type map[string]interface {}'],
    ['12x', 'json: cannot unmarshal number into Go value of type map[string]interface {}'],
    [
      '12345678901234567890',
      'json: cannot unmarshal number into Go value of type map[string]interface {}',
    ],
    ['true', 'json: cannot unmarshal bool into Go value of type map[string]interface {}'],
  ]
  for (const [body, message] of cases) assert.equal(failure(body), message, JSON.stringify(body))
  assert.equal(
    failure('{}', true),
    'json: cannot unmarshal object into Go value of type []interface {}',
  )
})

test('deep values end at 10,000 levels, whatever their kind, and never crash', () => {
  const lists = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  assert.equal(failure(lists(9_999)), 'no error')
  assert.equal(failure(lists(10_000)), "invalid character '[' exceeded max depth")
  assert.equal(failure('{"a":'.repeat(1_000_000)), "invalid character '{' exceeded max depth")
  assert.equal(isTooDeep(Buffer.from(`[${'{"a":"}{"},'.repeat(30_000)}1]`)), false)
})

test('brackets are counted wherever the bytes stand in memory', () => {
  const deep = Buffer.from(`${'['.repeat(10_001)}${']'.repeat(10_001)}`)
  const flat = Buffer.from('[{}]'.repeat(7_000))
  for (let offset = 0; offset < 8; offset++) {
    const memory = Buffer.alloc(30_000)
    const placed = (bytes: Buffer) => memory.subarray(offset, offset + bytes.copy(memory, offset))
    assert.equal(isTooDeep(placed(deep)), true, `${offset}`)
    assert.equal(isTooDeep(placed(deep.subarray(1))), false, `${offset}`)
    assert.equal(isTooDeep(placed(flat)), false, `${offset}`)
  }
})

test('the scanner and JSON.parse agree on what JSON is', () => {
  const pieces = fc.constantFrom(
    ...'{ } [ ] , : "a" "\\u00e9" "\\x" 0 -1 1.5e3 01 . - e true nul null " \\ ü'.split(' '),
    ' ',
    '\n',
    '\t',
  )
  const mutated = fc.tuple(fc.json(), fc.nat(), pieces).map(([text, at, piece]) => {
    const cut = at % (text.length + 1)
    return text.slice(0, cut) + piece + text.slice(cut)
  })
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        fc.array(pieces).map((list) => list.join('')),
      ),
      (text) => {
        const bytes = Buffer.from(text)
        const end = scanJson(bytes)
        assert.equal(
          typeof end === 'number' && bytes.subarray(end).toString().trim() === '',
          isJson(text),
        )
      },
    ),
    { numRuns: 1000 },
  )
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
