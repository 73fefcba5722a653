import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import type { JsonObject } from '../pipe/pipe.ts'
import { parseFlags } from './flags.ts'
import { openapi } from './openapi.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'openapi-'))
after(() => rmSync(folder, { recursive: true }))

const backend = [{ host: ['http://api.test'], url_pattern: '/' }]
const config = {
  version: 3,
  name: 'Shop',
  extra_config: {
    'documentation/openapi': {
      version: '1.2',
      host: 'shop.test',
      base_path: '/v1',
      schemes: ['https', 'http'],
      contact_email: 'me@shop.test',
      license_name: 'Apache-2.0',
      component_schemas: { Item: { type: 'object' } },
    },
  },
  endpoints: [
    {
      endpoint: '/items/{id}',
      input_query_strings: ['page'],
      input_headers: ['X-A'],
      extra_config: {
        'documentation/openapi': {
          summary: 'One item',
          tags: ['items'],
          audience: ['public'],
          operation_id: 'item',
          param_definition: [
            { name: 'id', description: 'Its number', schema: { type: 'integer' } },
          ],
          query_definition: [{ name: 'page', required: true }],
          response_definition: {
            '200': { description: 'It', ref: 'Item' },
            '404': { description: 'None', content_type: 'text/plain', example: 'no' },
          },
        },
        'auth/validator': { alg: 'HS256', jwk_local_path: 'keys.json', disable_jwk_security: true },
      },
      backend,
    },
    {
      endpoint: '/items/{id}',
      method: 'PUT',
      extra_config: { 'validation/json-schema': { type: 'object', required: ['a'] } },
      backend,
    },
    { endpoint: '/files/*', output_encoding: 'no-op', input_headers: ['*'], backend },
  ],
}

async function run(...words: string[]) {
  const file = path.join(folder, 'krakend.json')
  writeFileSync(file, JSON.stringify(config))
  const out: string[] = []
  const err: string[] = []
  const { values, positionals } = parseFlags(['-c', file, ...words], openapi.flags)
  const status = await openapi.run({
    flags: values,
    positionals,
    env: {},
    commands: [],
    terminal: { out: (text) => out.push(text), err: (text) => err.push(text), colours: false },
  })
  return { status, text: out.join(''), err: err.join('') }
}
const exported = async (...words: string[]): Promise<JsonObject> =>
  JSON.parse((await run(...words)).text)

describe('gateway openapi', () => {
  it('writes what endpoints say by themselves and what the documentation adds', async () => {
    const document = await exported()
    assert.deepEqual(document['info'], {
      title: 'Shop',
      version: '1.2',
      contact: { email: 'me@shop.test' },
      license: { name: 'Apache-2.0' },
    })
    assert.deepEqual(document['servers'], [
      { url: 'https://shop.test/v1' },
      { url: 'http://shop.test/v1' },
    ])
    assert.deepEqual(document['components'], {
      schemas: { Item: { type: 'object' } },
      securitySchemes: { bearerAuth: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    })
    const string = { type: 'string' }
    assert.deepEqual(document['paths'], {
      '/items/{id}': {
        get: {
          operationId: 'item',
          summary: 'One item',
          tags: ['items'],
          parameters: [
            {
              name: 'id',
              in: 'path',
              required: true,
              description: 'Its number',
              schema: { type: 'integer' },
            },
            { name: 'page', in: 'query', required: true, schema: string },
            { name: 'X-A', in: 'header', required: false, schema: string },
          ],
          responses: {
            '200': {
              description: 'It',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } },
            },
            '404': { description: 'None', content: { 'text/plain': { example: 'no' } } },
          },
          security: [{ bearerAuth: [] }],
        },
        put: {
          parameters: [{ name: 'id', in: 'path', required: true, schema: string }],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { type: 'object', required: ['a'] } } },
          },
          responses: { '200': { description: 'OK', content: { 'application/json': {} } } },
        },
      },
      '/files/{wildcard}': {
        get: {
          parameters: [{ name: 'wildcard', in: 'path', required: true, schema: string }],
          responses: { '200': { description: 'OK', content: { '*/*': {} } } },
        },
      },
    })
  })
  it('leaves out other audiences, and schemas where they are not wanted', async () => {
    const { paths } = await exported('-a', 'private, public')
    assert.deepEqual(Object.keys((paths as JsonObject)['/items/{id}'] as JsonObject), ['get'])
    assert.deepEqual(Object.keys((await exported('-a', 'none'))['paths'] as JsonObject), [])
    assert(!(await run('--skip-jsonschema')).text.includes('requestBody'))
  })
  it('writes into a file', async () => {
    const file = path.join(folder, 'out.json')
    assert.deepEqual(await run('-o', file), { status: 0, text: '', err: '' })
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).openapi, '3.0.3')
  })
  it('fails for a configuration that cannot be read', async () => {
    const { status, err } = await run('-c', path.join(folder, 'none.json'))
    assert.equal(status, 1)
    assert.match(err, /ERROR exporting the configuration/)
  })
})
