import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from '../config/decode.ts'
import { rootDocument } from '../config/document.ts'
import { ROOT } from '../config/kinds.ts'
import { normalise } from '../config/normalise.ts'
import type { ServiceConfig } from '../config/types.ts'
import { ConfigError } from '../errors.ts'
import type { JsonValue } from '../pipe/pipe.ts'
import { tryToBuild } from './trial.ts'

const LIMIT = 1_000
const host = ['http://127.0.0.1:99']
const backend = [{ host, url_pattern: '/' }]
const BAD_LIMIT = { max_rate: 1, every: 'never' }

function config(...endpoints: string[]): ServiceConfig {
  return configOf(endpoints.map((endpoint) => ({ endpoint, backend })))
}

function configOf(endpoints: JsonValue[]): ServiceConfig {
  const document = { version: 3, endpoints }
  return normalise(rootDocument(decode(document, ROOT).document), 'krakend.json')
}

test('builds what is in order and opens nothing', async () => {
  const before = process.getActiveResourcesInfo().length
  await tryToBuild(config('/a', '/b/{id}', '/c/*'), LIMIT)
  assert.equal(process.getActiveResourcesInfo().length, before)
})

for (const [what, ...endpoints] of [
  ['two equal paths', '/a', '/a'],
  ['two names for one placeholder', '/a/{b}/c', '/a/{d}/e'],
] as const) {
  test(`names both endpoints of a conflict: ${what}`, async () => {
    await assert.rejects(tryToBuild(config('/x', ...endpoints), LIMIT), (error) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, /endpoints\[2\]/)
      assert.match(error.message, /endpoints\[1\]/)
      return true
    })
  })
}

test('finds what cannot work in an endpoint', async () => {
  const shadow = { host, url_pattern: '/', extra_config: { proxy: { shadow: true } } }
  await assert.rejects(
    tryToBuild(configOf([{ endpoint: '/a', backend: [shadow] }]), LIMIT),
    (error) => error instanceof ConfigError && /shadow/.test(error.message),
  )
})

test('names everything that cannot work in an endpoint, its backends and its handler at once', async () => {
  const broken = { 'modifier/martian': { 'no.Modifier': {} }, 'qos/ratelimit/proxy': BAD_LIMIT }
  const endpoint = {
    endpoint: '/a',
    backend: [
      { host, url_pattern: '/', extra_config: broken },
      { host, url_pattern: '/', group: 'b', extra_config: broken },
    ],
    extra_config: { 'qos/ratelimit/router': BAD_LIMIT, 'validation/cel': [{ check_expr: '(' }] },
  }
  const agent = { name: 'q', consumer: { topic: 't' }, backend, extra_config: {} }
  const document = {
    ...{ version: 3, endpoints: [endpoint], async_agent: [agent] },
    extra_config: { 'security/cors': { max_age: 'never' } },
  }
  const service = normalise(rootDocument(decode(document, ROOT).document), 'krakend.json')
  await assert.rejects(tryToBuild(service, LIMIT), (error) => {
    assert.ok(error instanceof ConfigError)
    assert.deepEqual(
      error.problems.map(({ place }) => place.path),
      [
        'extra_config."security/cors".max_age',
        'endpoints[0].extra_config."validation/cel"[0].check_expr',
        ...[0, 1].flatMap((at) => [
          `endpoints[0].backend[${at}].extra_config."qos/ratelimit/proxy".every`,
          `endpoints[0].backend[${at}].extra_config."modifier/martian"`,
        ]),
        'endpoints[0].extra_config."qos/ratelimit/router".every',
        'async_agent[0].extra_config',
      ],
    )
    return true
  })
})
