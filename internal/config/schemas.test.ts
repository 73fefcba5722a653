import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { oldNames } from './aliases.ts'
import { compileValidation, writeValidator } from './compile.ts'
import { ROOT } from './kinds.ts'
import {
  assembledSchema,
  namespaceSchemas,
  partSchemas,
  placesOf,
  SCHEMA_ID,
  SCHEMA_VERSION,
} from './schemas.ts'

/** Every schema of a key, with its place. */
function keysOf(schema: JsonValue | undefined, place: string): [string, JsonObject][] {
  if (!isObject(schema)) return []
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : []
  return [
    ...properties.flatMap(([key, value]): [string, JsonObject][] =>
      isObject(value) ? [[`${place}.${key}`, value], ...keysOf(value, `${place}.${key}`)] : [],
    ),
    ...keysOf(schema.items, `${place}[]`),
  ]
}

test('the schema carries the version of the package', async () => {
  const { version } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  assert.equal(version.split('.').slice(0, 2).join('.'), SCHEMA_VERSION)
  assert.equal(assembledSchema().$id, SCHEMA_ID)
})

test('every key is described, and every example is allowed', () => {
  const ajv = new Ajv2019({ allowUnionTypes: true, strict: false })
  ajv.addSchema(assembledSchema())
  for (const { name, schema } of [...partSchemas(), ...namespaceSchemas()]) {
    for (const [place, key] of keysOf(schema, name)) {
      assert.ok(
        typeof key.description === 'string' && key.description.length > 3,
        `${place} has no description`,
      )
      if (key.$ref !== undefined || JSON.stringify(key).includes('$ref')) continue
      for (const example of Array.isArray(key.examples) ? key.examples : []) {
        assert.ok(ajv.validate(key, example), `${place}: ${JSON.stringify(example)}`)
      }
    }
  }
})

test('every namespace says where it may stand', () => {
  const places = placesOf(namespaceSchemas())
  for (const { name } of namespaceSchemas()) assert.ok((places[name] ?? []).length > 0, name)
})

test('every old name leads to a namespace that has a schema', () => {
  const places = placesOf([...partSchemas(), ...namespaceSchemas()])
  for (const [, name] of oldNames()) assert.ok(places[name] !== undefined, name)
})

test('the schema of the document has the keys that are decoded', () => {
  const root = partSchemas().find(({ name }) => name === 'root')?.schema
  const described = isObject(root?.properties) ? Object.keys(root.properties) : []
  assert.deepEqual(described.filter((key) => key !== '$schema').sort(), Object.keys(ROOT).sort())
})

test('the written validator needs no ajv and judges as the compiled one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'validator-'))
  try {
    const file = join(folder, 'validator.js')
    await writeValidator(file)
    const code = await readFile(file, 'utf8')
    assert.doesNotMatch(code, /\brequire\(/)
    const { writeFile } = await import('node:fs/promises')
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    const written = await import(pathToFileURL(file).href)
    const compiled = compileValidation()
    assert.deepEqual(written.places, compiled.places)
    for (const document of [
      { version: 3 },
      { version: 3, nope: 1, endpoints: [{ endpoint: '/a', backend: [{ url_pattern: 1 }] }] },
      { version: 3, extra_config: { 'security/cors': { max_age: 1 } } },
    ]) {
      assert.equal(written.validate(document), compiled.validate(document))
      assert.deepEqual(written.validate.errors, compiled.validate.errors)
    }
    assert.deepEqual(
      JSON.parse(await readFile(join(folder, 'schema.json'), 'utf8')),
      assembledSchema(),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
