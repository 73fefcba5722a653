import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../pipe/pipe.ts'
import { decode } from './decode.ts'
import { ROOT } from './kinds.ts'
import { pathText } from './problem.ts'

function decoded(document: JsonObject): JsonObject {
  const { document: result, findings } = decode(document, ROOT)
  assert.deepEqual(findings, [])
  return result
}

function reasons(document: JsonObject): Record<string, string> {
  return Object.fromEntries(
    decode(document, ROOT).findings.map(({ path, message }) => [pathText(path), message]),
  )
}

test('numbers and booleans may be texts, and numbers whole only after they are cut', () => {
  assert.deepEqual(
    decoded({ version: '3', port: 91.7, debug_endpoint: 't', echo_endpoint: 2, name: 5 }),
    {
      version: 3,
      port: 91,
      debug_endpoint: true,
      echo_endpoint: true,
      name: '5',
    },
  )
  assert.deepEqual(
    decoded({ port: '0x10', max_header_bytes: '010', max_idle_connections: '1_0', version: '' }),
    {
      port: 16,
      max_header_bytes: 8,
      max_idle_connections: 10,
      version: 0,
    },
  )
})

test('one value stands for a list of one, and null for nothing', () => {
  assert.deepEqual(
    decoded({ host: 'http://a.b', name: null, endpoints: { endpoint: 5, backend: {} } }),
    {
      host: ['http://a.b'],
      endpoints: [{ endpoint: '5', backend: [] }],
    },
  )
})

test('keys match in any case, and the exact one wins', () => {
  assert.deepEqual(decoded({ VERSION: 3, Port: 1, port: 2 }), { version: 3, Port: 1, port: 2 })
})

test('extra_config may be a list of objects, which are merged', () => {
  assert.deepEqual(decoded({ extra_config: [{ a: 1 }, { b: 2 }] }), {
    extra_config: { a: 1, b: 2 },
  })
  assert.deepEqual(decoded({ extra_config: [] }), { extra_config: {} })
})

test('everything impossible is named at once, in the words of mapstructure', () => {
  assert.deepEqual(
    reasons({
      port: 'abc',
      timeout: '2 parsecs',
      debug_endpoint: 'yes',
      name: {},
      extra_config: 'x',
      tls: [],
      endpoints: ['x', null, { backend: [{ mapping: 3 }], timeout: '10' }],
    }),
    {
      port: "cannot parse value as 'int': strconv.ParseInt: invalid syntax",
      timeout: 'time: unknown unit',
      debug_endpoint: "cannot parse value as 'bool': strconv.ParseBool: invalid syntax",
      name: "expected type 'string', got unconvertible type 'map[string]interface {}'",
      extra_config: "expected type 'config.ExtraConfig', got unconvertible type 'string'",
      tls: 'expected a map or struct, got "slice"',
      'endpoints[0]': 'expected a map or struct, got "string"',
      'endpoints[1]': 'expected a map or struct, got "null"',
      'endpoints[2].backend[0].mapping':
        "expected type 'map[string]string', got unconvertible type 'float64'",
      'endpoints[2].timeout': 'time: missing unit in duration',
    },
  )
})

test('a guard of identities that is null is refused, anything else that is null is absent', () => {
  const endpoint = (name: string) => ({ endpoints: [{ extra_config: { [name]: null } }] })
  for (const name of ['auth/validator', 'github.com/devopsfaith/krakend-jose/validator'])
    assert.deepEqual(reasons(endpoint(name)), {
      [`endpoints[0].extra_config.${name}`]:
        'null would leave it open: leave the key out where that is meant',
    })
  assert.deepEqual(reasons(endpoint('qos/http-cache')), {})
})

test('a right document is not copied', () => {
  const document: JsonObject = {
    version: 3,
    endpoints: [{ endpoint: '/a', backend: [{ host: ['http://a.b'] }] }],
  }
  assert.equal(decode(document, ROOT).document, document)
})

test('no document makes it throw or touches a prototype', () => {
  const value = fc.jsonValue({ maxDepth: 4 })
  const key = fc.constantFrom(...Object.keys(ROOT), '__proto__', 'PORT', 'constructor')
  fc.assert(
    fc.property(fc.dictionary(key, value), (written) => {
      const document: JsonObject = JSON.parse(JSON.stringify(written))
      const result = decode(document, ROOT).document
      assert.equal(Object.getPrototypeOf(result), Object.prototype)
      assert.equal(({} as Record<string, unknown>).polluted, undefined)
    }),
  )
})
