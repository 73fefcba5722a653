import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { JsonValue } from '../../../pipe/pipe.ts'
import type { Schema } from './dialect.ts'
import { validator } from './validator.ts'

/** What KrakenD 2.13 says to bodies under a hundred schemas; `''` lets a body in. */
const ANSWERS = JSON.parse(
  readFileSync(new URL('./krakend-answers.json', import.meta.url), 'utf8'),
) as { schema: Schema; refused?: true; answers?: Record<string, string> }[]

const verdict = (schema: Schema, value: JsonValue): string => validator(schema)(value) ?? ''
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('a schema', () => {
  for (const { schema, refused, answers = {} } of ANSWERS) {
    const name = JSON.stringify(schema)
    // A list of no values lets nothing in: that is no rule anybody means.
    if (refused || name === '{"enum":[]}') {
      it(`stops the start: ${name}`, () => assert.throws(() => validator(schema), Error))
      continue
    }
    it(`says what KrakenD says: ${name}`, () => {
      for (const [body, text] of Object.entries(answers)) {
        if (!isJson(body)) continue
        const found = verdict(schema, JSON.parse(body) as JsonValue)
        // The reason behind "ParseAddr" is Go's own.
        const [expected = ''] = text.split(/(?<=ParseAddr\(.*\)): /)
        assert.equal(
          text.includes('ParseAddr') ? found.slice(0, expected.length) : found,
          expected,
          body,
        )
      }
    })
  }
})

describe('files that a schema refers to', () => {
  const before_ = process.cwd()
  const folder = mkdtempSync(path.join(tmpdir(), 'schemas-'))
  before(() => {
    process.chdir(folder)
    writeFileSync('address.json', JSON.stringify({ $ref: 'city.json#/$defs/city' }))
    writeFileSync('city.json', JSON.stringify({ $defs: { city: { type: 'string' } } }))
    writeFileSync('broken.json', '{')
  })
  after(() => {
    process.chdir(before_)
    rmSync(folder, { recursive: true })
  })
  it('are found beside the working directory, and theirs', () => {
    const schema = { properties: { a: { $ref: 'address.json' } } }
    assert.equal(verdict(schema, { a: 'Graz' }), '')
    assert.equal(verdict(schema, { a: 1 }), "- at '/a': got number, want string")
  })
  it('must be JSON, and there', () => {
    assert.throws(() => validator({ $ref: 'broken.json' }), SyntaxError)
    assert.throws(() => validator({ $ref: 'nowhere.json' }), /ENOENT/)
    assert.throws(() => validator({ $ref: 'http://127.0.0.1/s.json' }), /is not loaded/)
  })
})

describe('hostile bodies', () => {
  const isQuick = (run: () => void): void => {
    const startMs = performance.now()
    run()
    assert(performance.now() - startMs < 2000)
  }
  it('cannot make uniqueItems compare everything with everything', () => {
    const items = Array.from({ length: 100_000 }, (_item, index) => ({ index }))
    isQuick(() => assert.equal(verdict({ uniqueItems: true }, items), ''))
  })
  it('cannot make a pattern backtrack', () => {
    isQuick(() => verdict({ pattern: '^(a+)+$' }, `${'a'.repeat(100_000)}!`))
  })
  it('are refused when they are nested beyond what can be looked at', () => {
    let deep: JsonValue = 1
    for (let depth = 0; depth < 100_000; depth++) deep = { next: deep }
    const schema = { properties: { next: { $ref: '#' } }, type: 'object' }
    assert.match(verdict(schema, deep), /nested too deeply/)
  })
  it('are explained in a text of bounded length', () => {
    const items = Array.from({ length: 100_000 }, () => 1)
    const text = verdict({ items: { type: 'string' } }, items)
    assert(text.split('\n').length <= 1000)
    assert(text.startsWith("- at '/0': got number, want string\n"))
  })
  it('have no properties that they were not given', () => {
    assert.notEqual(verdict({ required: ['toString'] }, {}), '')
    const own = JSON.parse('{"__proto__": 1}') as JsonValue
    assert.notEqual(verdict({ additionalProperties: false }, own), '')
  })
  it('cannot hide a property from unevaluatedProperties by its name', () => {
    const schema = { patternProperties: { '^s_': true }, unevaluatedProperties: false }
    const hidden = JSON.parse('{"__proto__": {"a": 1}}') as JsonValue
    assert.equal(verdict(schema, hidden), "- at '/__proto__': false schema")
    const inside = { type: 'array', items: schema }
    assert.equal(verdict(inside, [{ s_a: 1 }, hidden]), "- at '/1/__proto__': false schema")
    assert.equal(verdict(schema, { s_a: 1 }), '')
  })
  it('need what contains wants in an empty list, with a tuple beside it, too', () => {
    const contains = { const: 'x' }
    const missing = "- at '': no items match contains schema"
    for (const schema of [
      { prefixItems: [{ type: 'string' }], contains },
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }], contains },
    ] as Schema[]) {
      assert.equal(verdict(schema, []), missing)
      assert.equal(verdict(schema, ['x']), '')
    }
  })
})
