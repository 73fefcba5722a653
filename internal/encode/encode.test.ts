import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse as parseYaml } from 'yaml'
import { decoderFor } from '../decode/decode.ts'
import { GatewayError } from '../errors.ts'
import type { DataResponse, JsonObject, JsonSource, JsonValue } from '../pipe/pipe.ts'
import { type Encoded, encoderFor } from './encode.ts'
import { toParam } from './to-param.ts'

const response = (data: JsonObject | null, ...sources: JsonSource[]): DataResponse => ({
  kind: 'data',
  data,
  sources,
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
})
const encode = (
  name: string,
  answer: DataResponse | undefined,
  headers: readonly string[] = [],
): Encoded => encoderFor(name)(answer, { headers })
const textOf = ({ body }: Encoded): string =>
  typeof body === 'string'
    ? body
    : Buffer.isBuffer(body)
      ? body.toString()
      : Buffer.concat(body).toString()
const written = (name: string, data: JsonObject | null): string =>
  textOf(encode(name, response(data)))
/** As a backend would have sent it, spelling of numbers included. */
const received = (text: string): JsonObject | null =>
  decoderFor({ encoding: 'json', isCollection: false }, { exactSpelling: true })(
    Buffer.from(text),
    undefined,
  ).data

test('each encoding has its content type', () => {
  const types = {
    json: 'application/json; charset=utf-8',
    'json-collection': 'application/json; charset=utf-8',
    string: 'text/plain; charset=utf-8',
    xml: 'application/xml',
    yaml: 'application/yaml; charset=utf-8',
    negotiate: 'application/json; charset=utf-8',
    unknown: 'application/json; charset=utf-8',
    toString: 'application/json; charset=utf-8',
  }
  for (const [name, type] of Object.entries(types))
    assert.equal(encode(name, response({ a: 1 })).contentType, type, name)
})

test('no answer at all, and null', () => {
  const bodies = Object.entries({
    json: ['{}', 'null'],
    'json-collection': ['[]', '[]'],
    string: ['', ''],
    xml: ['', '<doc/>'],
    yaml: ['{}\n', '{}\n'],
  })
  for (const [name, [none, empty]] of bodies) {
    assert.equal(textOf(encode(name, undefined)), none, name)
    assert.equal(written(name, null), empty, name)
  }
})

test('untouched JSON goes out as its own bytes', () => {
  const text = '{ "b": 1.50, "a": 12345678901234567890 }'
  const value = { b: 0 }
  const source = { value, text }
  assert.equal(textOf(encode('json', response(value, source))), text)
  const umlaut = { value, text: Buffer.from('{"ü":1}') }
  assert.equal(encode('json', response(value, umlaut)).body, umlaut.text)
  const big = { value: ['x'], text: Buffer.from(`["${'x'.repeat(5000)}"]`) }
  const list = response({ collection: big.value }, big)
  const { body } = encode('json', list)
  assert.ok(Array.isArray(body) && body[1] === big.text)
  assert.equal(textOf({ contentType: '', body }), `{"collection":${big.text}}`)
  assert.equal(encode('json-collection', list).body, big.text)
})

test('untouched parts of JSON go out as their own bytes wherever they stand, the rest as data', () => {
  const user = { value: { id: 0 }, text: Buffer.from('{"id": 1.50}') }
  const orders = { value: [0], text: Buffer.from('[ 12345678901234567890 ]') }
  const lost = { value: { id: 1 }, text: Buffer.from('"nobody sees this"') }
  const data = {
    'a "user"': user.value,
    orders: { collection: orders.value },
    ...{ error: { status: 500, text: 'ü' }, empty: {}, none: null, number: 7 },
  }
  assert.equal(
    textOf(encode('json', response(data, user, orders, lost))),
    '{"a \\"user\\"":{"id": 1.50},"orders":{"collection":[ 12345678901234567890 ]},' +
      '"error":{"status":500,"text":"ü"},"empty":{},"none":null,"number":7}',
  )
  assert.equal(textOf(encode('json', response({}, lost))), '{}')
})

test('json-collection writes the field collection, whatever it is', () => {
  assert.equal(written('json-collection', { collection: [1], a: 2 }), '[1]')
  assert.equal(written('json-collection', { collection: 'no list' }), '"no list"')
  assert.equal(written('json-collection', { a: 1 }), '[]')
  const value = { collection: [7] }
  const source = { value, text: Buffer.from('{"collection": [7]}') }
  assert.equal(textOf(encode('json-collection', response(value, source))), '[7]')
})

test('string writes the field content when it is a text', () => {
  assert.equal(written('string', { content: 'hellö' }), 'hellö')
  for (const content of [1, null, ['x'], { a: 1 }]) assert.equal(written('string', { content }), '')
})

test('XML: one key is the root, several stand in doc, lists repeat their element', () => {
  assert.equal(
    written('xml', { user: { name: 'Jane', id: 7 } }),
    '<user><id>7</id><name>Jane</name></user>',
  )
  assert.equal(written('xml', { b: 1, a: 'x' }), '<doc><a>x</a><b>1</b></doc>')
  assert.equal(written('xml', { u: [{ id: 1 }, { id: 2 }] }), '<u><id>1</id></u><u><id>2</id></u>')
  assert.equal(written('xml', { u: [1, [2, 3]] }), '<doc><u>1</u><u>2</u><u>3</u></doc>')
  assert.equal(written('xml', {}), '<doc/>')
})

test('XML: attributes, texts, empty values, escapes, and numbers as they were written', () => {
  assert.equal(
    written('xml', { u: { '-id': 'a"b', '#text': 'J', x: null } }),
    '<u id="a&quot;b">J<x/></u>',
  )
  assert.equal(
    written('xml', { v: { a: "<b> & 'c'", e: [], o: {}, s: '' } }),
    '<v><a>&lt;b&gt; &amp; &apos;c&apos;</a><e/><o/><s/></v>',
  )
  assert.equal(
    written('xml', received('{"v":{"f":1.50,"n":12345678901234567890}}')),
    '<v><f>1.50</f><n>12345678901234567890</n></v>',
  )
})

test('XML: names and characters XML cannot hold are replaced, so that the answer can be read', () => {
  assert.equal(written('xml', { 'a><b': { '1': 'x\u0000' } }), '<a__b><_1>x\ufffd</_1></a__b>')
  assert.throws(() => written('xml', { a: { '-id': { b: 1 } } }), GatewayError)
})

test('XML comes back as it went out', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const { node } = fc.letrec<{ node: JsonValue }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('x', '<', '&', '"', 'ü') }),
      fc.dictionary(name, tie('node'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  const decode = decoderFor({ encoding: 'xml', isCollection: false }, { exactSpelling: false })
  fc.assert(
    fc.property(node, (value) => {
      assert.deepEqual(decode(Buffer.from(written('xml', { root: value })), undefined).data, {
        root: value,
      })
    }),
  )
})

test('YAML has sorted keys, lists below their key, and quotes where they are needed', () => {
  const data = received(
    '{"n":7,"list":[{"a":1,"b":[]},[1,"2"]],"m":{"x":{}},"t":"two\\nlines","yes":"no","f":1.50,"big":12345678901234567890,"z":null}',
  )
  assert.equal(
    written('yaml', data),
    'big: 12345678901234567890\nf: 1.50\nlist:\n- a: 1\n  b: []\n- - 1\n  - "2"\nm:\n  x: {}\n"n": 7\nt: |-\n  two\n  lines\n"yes": "no"\nz: null\n',
  )
})

test('YAML reads back as what was written, by the rules of 1.1 and 1.2', () => {
  const unit = fc.constantFrom(
    ...'a 1 0 - : # \n \t " \' { } [ ] , & * ! | > % @ ` ? = ~ . _ f x y n \\ ü \u2028'.split(' '),
    ' ',
  )
  const text = fc.oneof(
    fc.string({ unit, maxLength: 6 }),
    fc.constantFrom(
      'null',
      'true',
      'on',
      '1e3',
      '0x1f',
      '2024-01-02',
      '1:30',
      '<<',
      '.inf',
      '- ',
      'a\n\n',
      '\r\n',
    ),
  )
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(text, value, { noNullPrototype: true }), (data) => {
      for (const version of ['1.1', '1.2'] as const)
        assert.deepEqual(parseYaml(written('yaml', data), { version, merge: false }), data)
    }),
    { numRuns: 500 },
  )
})

test('negotiate takes the first entry of Accept that is on offer', () => {
  const chosen = (accept?: string): string =>
    encode(
      'negotiate',
      response({ a: 1 }),
      accept === undefined ? [] : ['Accept', accept],
    ).contentType.split(';')[0] ?? ''
  assert.equal(chosen(), 'application/json')
  assert.equal(
    chosen('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'),
    'application/xml',
  )
  assert.equal(chosen('text/plain;q=0.1, application/json'), 'application/yaml')
  assert.equal(chosen('application/x-yaml'), 'application/yaml')
  for (const accept of [
    '*/*',
    'application/*',
    'text/xml',
    'application/yaml',
    '',
    ',',
    'nonsense',
  ])
    assert.equal(chosen(accept), 'application/json', accept)
})

test('parameters are printed as Go prints them', () => {
  const data =
    received(
      '{"s":"a b","l":[1,"x",[2,null]],"e":[],"b":true,"n":1.50,"big":12345678901234567890,"z":null,"o":{"b":[1,2],"a":{"c":null}}}',
    ) ?? {}
  const printed = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, toParam(value)]),
  )
  assert.deepEqual(printed, {
    s: 'a b',
    l: '1,x,[2 <nil>]',
    e: '',
    b: 'true',
    n: '1.50',
    big: '12345678901234567890',
    z: '<nil>',
    o: 'map[a:map[c:<nil>] b:[1 2]]',
  })
})

test('very deep data ends in an answer or an error, never in a crash', () => {
  let deep: JsonValue = 1
  for (let depth = 0; depth < 9_000; depth++) deep = depth % 2 === 0 ? [deep] : { a: deep }
  const data: JsonObject = { deep }
  for (const name of ['json', 'json-collection', 'string', 'xml', 'yaml'])
    try {
      const { length } = written(name, data)
      assert.ok(length < 500_000, `${name} grows to ${length}`)
    } catch (error) {
      assert.ok(error instanceof GatewayError, name)
    }
  try {
    toParam(deep)
  } catch (error) {
    assert.ok(error instanceof GatewayError)
  }
})
