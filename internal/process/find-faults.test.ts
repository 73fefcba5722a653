import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stringify as toml } from 'smol-toml'
import { stringify as yaml } from 'yaml'
import { valueAt } from '../config/json-path.ts'
import { loadConfig } from '../config/load.ts'
import { readPath } from '../config/locate-problems.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { faultFinder } from './fault-finder.ts'
import { findFaults } from './find-faults.ts'

const folder = await mkdtemp(join(tmpdir(), 'faults-'))
after(() => rm(folder, { recursive: true }))

const OPTIONS = { file: 'krakend.json', maxDecodeBytes: 1000 }
const host = ['http://127.0.0.1:99']

/** A service of one endpoint with these namespaces, and with those on its backend. */
const endpoint = (own: JsonObject, ofBackend: JsonObject = {}): JsonObject => ({
  version: 3,
  endpoints: [
    {
      endpoint: '/a',
      extra_config: own,
      backend: [{ host, url_pattern: '/', extra_config: ofBackend }],
    },
  ],
})
const pathsIn = (problems: readonly ConfigProblem[]): string[] =>
  problems.map(({ place }) => place.path ?? '')
const faults = async (document: JsonObject) => {
  const paths = pathsIn(await findFaults(document, [], OPTIONS))
  return paths.map((path) => path.replace('endpoints[0].', ''))
}

const CASES: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
  [
    'options of one namespace',
    { 'qos/ratelimit/router': { client_max_rate: 1, every: 'x', strategy: 'moon', capacity: -1 } },
    {},
    ['every', 'capacity', 'strategy'].map((key) => `extra_config."qos/ratelimit/router".${key}`),
  ],
  [
    'an option that must be there, and another one',
    { 'auth/validator': { alg: 'none', jwk_url: 'ftp://keys', scopes_key: 7 } },
    {},
    ['alg', 'jwk_url', 'scopes_key'].map((key) => `extra_config."auth/validator".${key}`),
  ],
  [
    'items of a list, by the indices that they have in the file',
    { 'security/bot-detector': { patterns: ['(', 'fine', '[z-a]', '*'], cache_size: -1 } },
    {},
    ['patterns[0]', 'patterns[2]', 'patterns[3]', 'cache_size'].map(
      (key) => `extra_config."security/bot-detector".${key}`,
    ),
  ],
  [
    'modifiers of a group',
    {},
    {
      'modifier/martian': {
        'fifo.Group': {
          modifiers: [
            { 'header.Modifier': { name: 'a b', value: 'x' } },
            { 'no.Modifier': {} },
            { 'status.Modifier': { statusCode: 20 } },
          ],
        },
      },
    },
    ['[0]."header.Modifier".name', '[1]', '[2]."status.Modifier".statusCode'].map(
      (at) => `backend[0].extra_config."modifier/martian"."fifo.Group".modifiers${at}`,
    ),
  ],
  [
    'balancing and outliers of a backend',
    {},
    { 'backend/discovery': { balancer: 'best', health: { max_ejected: 2, ejection_time: 'x' } } },
    ['balancer', 'health.ejection_time', 'health.max_ejected'].map(
      (key) => `backend[0].extra_config."backend/discovery".${key}`,
    ),
  ],
  [
    'operations of a flatmap, of the endpoint and of the backend',
    {},
    {
      proxy: {
        flatmap_filter: [
          { type: 'move', args: ['a'] },
          { type: 'del', args: [1] },
        ],
      },
    },
    ['[0].args', '[1].args[0]'].map((at) => `backend[0].extra_config.proxy.flatmap_filter${at}`),
  ],
]
for (const [what, own, ofBackend, expected] of CASES) {
  test(`finds every fault, each once: ${what}`, async () => {
    const found = await faults(endpoint(own, ofBackend))
    assert.deepEqual(found.toSorted(), expected.toSorted())
  })
}

test('what is missing only because something else is wrong is not told', async () => {
  const keys = { alg: 'RS256', jwk_local_path: '/no/such/file.json' }
  assert.deepEqual(await faults(endpoint({ 'auth/validator': keys })), [
    'extra_config."auth/validator".jwk_local_path',
  ])
})

test('what is right has no faults, and nothing is left out of it', async () => {
  assert.deepEqual(await faults(endpoint({ 'qos/ratelimit/router': { max_rate: 1 } })), [])
})

test('conflicts of routes are found beside endpoints that cannot be built', async () => {
  const { endpoints: [one] = [] } = endpoint({ 'validation/cel': [{ check_expr: '1 +' }] }) as {
    endpoints: JsonObject[]
  }
  const found = await faults({ version: 3, endpoints: [one, one] } as JsonObject)
  assert.deepEqual(found, [
    'extra_config."validation/cel"[0].check_expr',
    'endpoints[1].extra_config."validation/cel"[0].check_expr',
    'endpoints[1].endpoint',
  ])
})

const BACKEND = { url_pattern: '/' }
/** Faults of every kind, each in an endpoint of its own. */
const WRONG: JsonObject = {
  version: 3,
  port: 70_000,
  timeout: 'soon',
  host,
  extra_config: {
    'security/bot-detector': { patterns: ['(', '[z-a]'] },
    'qos/unknown': {},
  },
  endpoints: [
    { endpoint: '/a', timeout: '5 apples', backend: [BACKEND] },
    { endpoint: '/b', backend: [{ url_pattern: '/{nope}' }] },
    {
      endpoint: '/c',
      extra_config: { 'validation/cel': [{ check_expr: '1 +' }, { check_expr: '(' }] },
      backend: [BACKEND],
    },
    { endpoint: '/d', backend: [{ ...BACKEND, sd: 'dsn', host: ['shop'] }] },
    { endpoint: '/e', backend: [{ ...BACKEND, host: ['no host'] }] },
    {
      endpoint: '/f',
      backend: [
        {
          ...BACKEND,
          extra_config: { 'qos/ratelimit/proxy': { max_rate: 'many', every: 'never' } },
        },
      ],
    },
    {
      endpoint: '/g',
      extra_config: { 'modifier/lua-proxy': { sources: ['/no/such.lua'], pre: 'x(' } },
      backend: [BACKEND],
    },
    { endpoint: '/b', backend: [BACKEND] },
    { endpoint: '/__health', backend: [BACKEND] },
    {
      endpoint: '/h/{id}',
      extra_config: { 'auth/validator': { alg: 'none', cache: 'yes' } },
      backend: [BACKEND],
    },
  ],
}
const ALL: readonly string[] = [
  'timeout',
  'endpoints[0].timeout',
  'port',
  'extra_config."security/bot-detector".patterns[0]',
  'extra_config."security/bot-detector".patterns[1]',
  'extra_config.qos/unknown',
  'endpoints[1].backend[0].url_pattern',
  'endpoints[2].extra_config."validation/cel"[0].check_expr',
  'endpoints[2].extra_config."validation/cel"[1].check_expr',
  'endpoints[3].backend[0].sd',
  'endpoints[4].backend[0].host[0]',
  'endpoints[5].backend[0].extra_config.qos/ratelimit/proxy.max_rate',
  'endpoints[5].backend[0].extra_config."qos/ratelimit/proxy".every',
  'endpoints[6].extra_config."modifier/lua-proxy".sources[0]',
  'endpoints[7].endpoint',
  'endpoints[8].endpoint',
  'endpoints[9].extra_config."auth/validator".alg',
  'endpoints[9].extra_config.auth/validator.cache',
]

async function refused(name: string, text: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, name)
  await writeFile(file, text)
  const findMore = faultFinder({ file, maxDecodeBytes: 1000 })
  const error = await loadConfig({ file, env, findMore }).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof ConfigError, String(error))
  return error.problems
}

const FORMATS = {
  json: (document: JsonObject) => JSON.stringify(document, null, 2),
  yaml: (document: JsonObject) => yaml(document),
  toml: (document: JsonObject) => toml(document),
}

for (const [format, print] of Object.entries(FORMATS)) {
  test(`names everything that is wrong in one go, each where it stands: ${format}`, async () => {
    const text = print(WRONG)
    const problems = await refused(`krakend.${format}`, text)
    assert.deepEqual(pathsIn(problems).toSorted(), ALL.toSorted())
    const lines = text.split('\n')
    for (const { place, message } of problems) {
      const path = readPath(place.path ?? '') ?? []
      const value = message.startsWith('unknown namespace') ? path.at(-1) : valueAt(WRONG, path)
      const found = lines[(place.line ?? 0) - 1]?.slice((place.column ?? 0) - 1) ?? ''
      assert.ok(
        found.replace(/^(?:\[extra_config\.)?["']/, '').startsWith(String(value)),
        `${place.path}: ${found}`,
      )
    }
    const inOrder = problems.slice(DECODING).map(({ place }) => place.line ?? 0)
    assert.deepEqual(
      inOrder,
      inOrder.toSorted((one, other) => one - other),
    )
  })
}
test('an endpoint whose path or method cannot be read conflicts with nobody and lacks no parameter', async () => {
  const at = (path: unknown, method: unknown, url_pattern: string) =>
    ({ endpoint: path, method, backend: [{ host, url_pattern }] }) as JsonObject
  const text = JSON.stringify({
    version: 3,
    endpoints: [
      at([], 'GET', '/{id}'),
      at('/x', {}, '/'),
      at('/', 'GET', '/'),
      at('/x', 'GET', '/'),
    ],
  })
  const paths = pathsIn(await refused('krakend.json', text))
  assert.deepEqual(paths, ['endpoints[0].endpoint', 'endpoints[1].method'])
})

/** What cannot be decoded comes first, as in KrakenD. */
const DECODING = 2

test('a template that renders a wrong document is told the same', async () => {
  await mkdir(join(folder, 'settings'), { recursive: true })
  await writeFile(join(folder, 'settings', 'limits.json'), '{"expression": "1 +"}')
  const text = JSON.stringify(WRONG).replace('"1 +"', '{{ marshal .limits.expression }}')
  const env = { FC_ENABLE: '1', FC_SETTINGS: join(folder, 'settings') }
  const problems = await refused('krakend.tmpl', text, env)
  assert.deepEqual(pathsIn(problems).toSorted(), ALL.toSorted())
})
