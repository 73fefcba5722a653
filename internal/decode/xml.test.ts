import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { decoderFor } from './decode.ts'

const decode = (body: string | Buffer, isCollection = false): JsonObject | null =>
  decoderFor({ encoding: 'xml', isCollection }, { exactSpelling: false })(
    Buffer.from(body),
    undefined,
  ).data

function failure(body: string | Buffer): string {
  try {
    decode(body)
  } catch (error) {
    assert.ok(error instanceof GatewayError && error.code === 'decode')
    return error.message.replace('xml.Decoder.Token() - XML syntax error on ', '')
  }
  return 'no error'
}

test('attributes, texts and repeated elements take the shape of mxj', () => {
  const order = `<?xml version="1.0"?><order id="o1"><!-- c --><customer>Jane &amp; Co</customer>
    <line sku="a">2</line><line sku="b">1</line><note/><empty x=""/></order>`
  assert.deepEqual(decode(order), {
    order: {
      '-id': 'o1',
      customer: 'Jane & Co',
      line: [
        { '-sku': 'a', '#text': '2' },
        { '-sku': 'b', '#text': '1' },
      ],
      note: '',
      empty: { '-x': '' },
    },
  })
})

test('prefixes are dropped, of attributes too', () => {
  assert.deepEqual(decode('<s:E xmlns:s="u" xmlns="v"><s:B n:a="1"/></s:E>'), {
    E: { '-s': 'u', '-xmlns': 'v', B: { '-a': '1' } },
  })
})

test('of mixed text the part before the first child stays, else the last part', () => {
  assert.deepEqual(decode('<p>one <b>x</b> two</p>'), { p: { '#text': 'one', b: 'x' } })
  assert.deepEqual(decode('<p><b>x</b> two <b/> three</p>'), {
    p: { '#text': 'three', b: ['x', ''] },
  })
  assert.deepEqual(decode('<p a="1">one<b/>two</p>'), { p: { '-a': '1', '#text': 'two', b: '' } })
})

test('CDATA is text, references are decoded, blanks around texts are not kept', () => {
  assert.deepEqual(decode('<a><![CDATA[<b> & c]]></a>'), { a: '<b> & c' })
  assert.deepEqual(decode('<a>\r\n &lt;&#65;&#x42;&quot;&apos; \u00a0</a>'), { a: '<AB"\' \u00a0' })
})

test('reading ends with the root element; text before it is ignored', () => {
  assert.deepEqual(decode('\ufeffhello <a>1</a> <<<'), { a: '1' })
})

test('a collection is the whole object under collection', () => {
  assert.deepEqual(decode('<l><i>1</i><i>2</i></l>', true), {
    collection: { l: { i: ['1', '2'] } },
  })
})

test('other charsets are converted by the declaration', () => {
  const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', 'latin1')
  assert.deepEqual(decode(latin), { a: 'é' })
  const unknown = '<?xml version="1.0" encoding="nope"?><a/>'
  assert.match(failure(unknown), /opening charset "nope": unsupported charset: "nope"/)
})

test('__proto__ and constructor are names like any other', () => {
  assert.equal(
    JSON.stringify(
      decode('<__proto__ __proto__="1"><constructor>x</constructor><constructor/></__proto__>'),
    ),
    '{"__proto__":{"-__proto__":"1","constructor":["x",""]}}',
  )
})

test('entities a document declares are never expanded, nor is anything fetched', () => {
  const bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
  assert.equal(failure(bomb), 'line 1: invalid character entity &b;')
  assert.equal(
    failure('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
    'line 1: invalid character entity &x;',
  )
  assert.deepEqual(decode('<!DOCTYPE a [<!ENTITY x "<b>">]><a>1</a>'), { a: '1' })
})

test('failures have the texts of Go', () => {
  const cases: readonly (readonly [string | Buffer, string])[] = [
    ['', 'EOF'],
    ['{"a":1}', 'EOF'],
    ['<a><b>1</b>', 'line 1: unexpected EOF'],
    ['<a>\n<b></a>', 'line 2: element <b> closed by </a>'],
    ['</a>', 'line 1: unexpected end element </a>'],
    ['<a x=1/>', 'line 1: unquoted or missing attribute value in element'],
    ['<a x/>', 'line 1: attribute name without = in element'],
    ['<a x="<"/>', 'line 1: unescaped < inside quoted string'],
    ['<a>&nope;</a>', 'line 1: invalid character entity &nope;'],
    ['<a>& b</a>', 'line 1: invalid character entity & (no semicolon)'],
    ['<a>]]></a>', 'line 1: unescaped ]]> not in CDATA section'],
    ['<a><![CDATA[x</a>', 'line 1: unexpected EOF in CDATA section'],
    ['<a>\u0001</a>', 'line 1: illegal character code U+0001'],
    ['<1/>', 'line 1: invalid XML name: 1'],
    ['< a/>', 'line 1: expected element name after <'],
    [Buffer.from('<a>\n\xff</a>', 'latin1'), 'line 2: invalid UTF-8'],
  ]
  for (const [body, message] of cases) assert.equal(failure(body), message, String(body))
})

test('depth ends in an error, length in nothing worse than time in proportion', () => {
  assert.equal(failure('<a>'.repeat(10_001)), 'line 1: exceeded max depth')
  const started = performance.now()
  decode(`<a>x${' '.repeat(1_000_000)}y</a>`)
  decode(`<a ${Array.from({ length: 50_000 }, (_, index) => `b${index}="1"`).join(' ')}/>`)
  failure(`<a>${'<!-- <![CDATA[ -->'.repeat(50_000)}`)
  assert.ok(performance.now() - started < 2000)
})
