import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { JsonObject } from '../../pipe/pipe.ts'
import { lintAgainst } from './own-schema.ts'
import recorded from './recorded-words.json' with { type: 'json' }
import { SchemaError } from './schema-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'own-schema-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'rules.json')

function withSchema(schema: unknown): string {
  writeFileSync(file, typeof schema === 'string' ? schema : JSON.stringify(schema))
  return file
}

/** KrakenD lists errors in no fixed order, and names surplus properties in none. */
const inAnyOrder = (lines: readonly string[]): string[] =>
  lines.map((line) => line.split(/[ ,]+/).toSorted().join(' ')).toSorted()

for (const { name, schema, found } of recorded.cases) {
  test(`words what a schema refuses as KrakenD does: ${name}`, async () => {
    const text = await lintAgainst(withSchema(schema), recorded.document as JsonObject)
    const [title, ...lines] = (text ?? '').split('\n')
    assert.deepEqual(inAnyOrder(lines), inAnyOrder(found))
    const heading = `jsonschema validation failed with '${pathToFileURL(file).href}#'`
    assert.equal(title, found.length === 0 ? '' : heading)
  })
}

test('counts what contains must match', async () => {
  const contains = { contains: { const: 'http://a' }, minContains: 3 }
  const schema = { properties: { host: contains } }
  const text = await lintAgainst(withSchema(schema), { host: ['http://a'] })
  assert.match(text ?? '', /at '\/host': min 3 items required to match contains schema/)
})

for (const [what, schema, message] of [
  ['is no JSON', '{"a"', /^failing loading "file:.*rules\.json": /],
  ['is no schema', { type: 'nonsense' }, /is not valid against metaschema: .*\n- at '\/type': /s],
  [
    'refers to nothing',
    { $ref: '#/definitions/none' },
    /^json-pointer in ".*#\/definitions\/none" not found$/,
  ],
  [
    'is of an unknown draft',
    { $schema: 'http://nowhere/x' },
    /^failing loading "http:\/\/nowhere\/x"/,
  ],
  ['is a number', '7', /want boolean or object/],
] as const) {
  test(`says so when a schema ${what}`, async () => {
    await assert.rejects(
      lintAgainst(withSchema(schema), {}),
      (error) => error instanceof SchemaError && message.test(error.message),
    )
  })
}

test('says so when a schema file is missing', async () => {
  await assert.rejects(lintAgainst(join(folder, 'none.json'), {}), /no such file or directory/)
})

test('fetches no schema from the network', async () => {
  await assert.rejects(lintAgainst('https://example.com/s.json', {}), /no network is used/)
})

for (const draft of [
  'http://json-schema.org/draft-06/schema#',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
]) {
  test(`knows ${draft}`, async () => {
    const schema = { $schema: draft, required: ['name'] }
    assert.match((await lintAgainst(withSchema(schema), {})) ?? '', /missing property 'name'/)
  })
}
