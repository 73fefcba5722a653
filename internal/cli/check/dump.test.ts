import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../../config/decode.ts'
import { type RootDocument, rootDocument } from '../../config/document.ts'
import { ROOT } from '../../config/kinds.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import { dump } from './dump.ts'
import { paint } from './paint.ts'
import recorded from './recorded-dump.json' with { type: 'json' }

const decoded = (document: unknown): RootDocument =>
  rootDocument(decode(document as JsonObject, ROOT).document)
const plain = (level: number, indent = '\t') => paint({ indent, level, colours: false })

for (const { name, document, dumps, indented } of recorded) {
  for (const [at, expected] of dumps.entries()) {
    test(`prints what KrakenD prints, level ${at + 1}: ${name}`, () => {
      assert.equal(dump(decoded(document), plain(at + 1)), expected)
    })
  }
  test(`takes another indentation as KrakenD does: ${name}`, () => {
    assert.equal(dump(decoded(document), plain(2, '  ')), indented)
  })
}

test('colours titles, methods and paths on a terminal', () => {
  const document = {
    version: 3,
    endpoints: [{ endpoint: '/a', backend: [{ host: ['http://a'], url_pattern: '/' }] }],
  }
  const text = dump(decoded(document), paint({ indent: '\t', level: 1, colours: true }))
  assert.ok(text.startsWith('\u001b[32;1mGlobal settings\u001b[0m\n'))
  assert.ok(text.includes('\t- \u001b[34;1mGET\u001b[36;1m /a\u001b[0m\n'))
})
