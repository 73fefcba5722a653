import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from './parse-json.ts'

/** Texts and what encoding/json answered to them. */
const RECORDED: Readonly<Record<string, string>> = {
  '': 'unexpected end of JSON input',
  '{': 'unexpected end of JSON input',
  '{"a":"': 'unexpected end of JSON input',
  '{"version":3}x': "invalid character 'x' after top-level value",
  '{"version":3,}': "invalid character '}' looking for beginning of object key string",
  '{"a" 1}': "invalid character '1' after object key",
  '{"a":1 "b":2}': `invalid character '"' after object key:value pair`,
  '[1 2]': "invalid character '2' after array element",
  '{"version":nul': "invalid character ' ' in literal null (expecting 'l')",
  '{"version":tru}': "invalid character '}' in literal true (expecting 'e')",
  '{"version":3.}': "invalid character '}' after decimal point in numeric literal",
  '{"version":03}': "invalid character '3' after object key:value pair",
  '{"version":-}': "invalid character '}' in numeric literal",
  '{"a":1e}': "invalid character '}' in exponent of numeric literal",
  '{"a":"\\q"}': "invalid character 'q' in string escape code",
  '{"a":"\\u12g"}': "invalid character 'g' in \\u hexadecimal character escape",
  '{"a":"b\nc"}': "invalid character '\\n' in string literal",
  "{'a':1}": "invalid character '\\'' looking for beginning of object key string",
  '\ufeff{}': "invalid character 'ï' looking for beginning of value",
  '{"a":\x01}': "invalid character '\\x01' looking for beginning of value",
  '[]': 'json: cannot unmarshal array into Go value of type map[string]interface {}',
  '3': 'json: cannot unmarshal number into Go value of type map[string]interface {}',
}

test('what is no JSON document is refused in the words of Go', () => {
  for (const [text, reason] of Object.entries(RECORDED)) {
    const parsed = parseJson(Buffer.from(text))
    assert.equal('reason' in parsed ? parsed.reason : 'accepted', reason, JSON.stringify(text))
  }
})

test('a failure has its line and its column in characters', () => {
  assert.deepEqual(parseJson(Buffer.from('{\n  "é": 1,\n  "ü" 2\n}')), {
    reason: "invalid character '2' after object key",
    position: { line: 3, column: 7 },
  })
})

test('every text that JSON.parse refuses has a reason of its own', () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }))
    .map(([json, at, put]) => {
      const cut = at % (json.length + 1)
      return json.slice(0, cut) + put + json.slice(cut + 1)
    })
  fc.assert(
    fc.property(damaged, (text) => {
      const parsed = parseJson(Buffer.from(text))
      assert.ok(!('reason' in parsed) || parsed.reason !== 'invalid JSON', text)
    }),
  )
})
