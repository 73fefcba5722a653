import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigError, describeProblem } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { type LoadedConfig, type LoadOptions, lint, loadConfig } from './load.ts'

const folder = await mkdtemp(join(tmpdir(), 'config-'))
after(() => rm(folder, { recursive: true }))

type Further = Omit<LoadOptions, 'file' | 'env'> & {
  readonly name?: string
  readonly env?: NodeJS.ProcessEnv
}

async function load(
  document: JsonObject | string,
  { name = 'krakend.json', env = {}, ...more }: Further = {},
) {
  const file = join(folder, name)
  await writeFile(file, typeof document === 'string' ? document : JSON.stringify(document, null, 2))
  return loadConfig({ file, env, ...more })
}

async function refusal(document: JsonObject | string, further?: Further): Promise<ConfigError> {
  const loaded = await load(document, further).catch((error: unknown) => error)
  assert.ok(loaded instanceof ConfigError, 'it was accepted')
  return loaded
}

const backend = { host: ['http://a.b:80'], url_pattern: '/x' }
const service = (...endpoints: JsonObject[]): JsonObject => ({ version: 3, endpoints })
const said = (loaded: LoadedConfig): string[] =>
  loaded.warnings.map(
    ({ place, message }) => `${place.line}:${place.column} ${place.path} ${message}`,
  )

test('only the first document of a YAML file counts, and the second one is told of', async () => {
  const loaded = await load('version: 3\nport: 81\n---\nport: [\n', { name: 'many.yaml' })
  assert.equal(loaded.config.port, 81)
  const [{ place, message } = {}] = lint(loaded)
  assert.equal(message, 'a further document: it is ignored')
  assert.deepEqual([place?.line, place?.column], [3, 1])
  assert.match((await refusal('a: [\n---\nb: 1\n', { name: 'many.yaml' })).message, /yaml: line/)
})

test('an empty service has every default', async () => {
  const { config, warnings } = await load({ version: 3 })
  assert.deepEqual(warnings, [])
  assert.equal(config.port, 8080)
  assert.equal(config.dnsCacheTtlMs, 30_000)
  assert.deepEqual(config.server, {
    readMs: 0,
    readHeaderMs: 60_000,
    writeMs: 0,
    idleMs: 75_000,
    maxHeaderBytes: 1_048_576,
  })
  assert.equal(config.transport.maxIdleConnectionsPerHost, 250)
  assert.equal(config.router.healthPath, '/__health')
  assert.equal(config.router.redirectTrailingSlash, true)
  assert.deepEqual(config.router.remoteIpHeaders, ['X-Forwarded-For', 'X-Real-Ip'])
  assert.equal(config.tls, undefined)
})

test('limits that are set to zero stay off, and a read timeout is inherited as Go does', async () => {
  const off = await load({ version: 3, read_header_timeout: '0s', idle_timeout: 0 })
  assert.equal(off.config.server.readHeaderMs, 0)
  assert.equal(off.config.server.idleMs, 0)
  const read = await load({ version: 3, read_timeout: '3s' })
  assert.equal(read.config.server.readHeaderMs, 3000)
  assert.equal(read.config.server.idleMs, 3000)
})

test('endpoints inherit from the service, backends from their endpoint', async () => {
  const { config } = await load({
    version: 3,
    host: ['svc:8080/'],
    timeout: '3s',
    cache_ttl: '1m',
    output_encoding: 'xml',
    endpoints: [
      {
        endpoint: 'a',
        method: 'post',
        input_headers: ['x-tenant'],
        backend: [{ url_pattern: 'b' }, backend],
      },
      {
        endpoint: '/b',
        timeout: '1s',
        output_encoding: 'json',
        backend: [{ ...backend, encoding: 'XML' }],
      },
    ],
  })
  const [first, second] = config.endpoints
  assert.equal(first?.endpoint, '/a')
  assert.equal(first?.method, 'POST')
  assert.equal(first?.timeoutMs, 3000)
  assert.equal(first?.cacheTtlMs, 60_000)
  assert.equal(first?.outputEncoding, 'xml')
  assert.deepEqual(first?.inputHeaders, ['X-Tenant'])
  assert.deepEqual(first?.backends[0]?.hosts, ['http://svc:8080'])
  assert.equal(first?.backends[0]?.urlPattern, '/b')
  assert.equal(first?.backends[0]?.method, 'POST')
  assert.equal(second?.timeoutMs, 1000)
  assert.equal(second?.backends[0]?.encoding, 'xml')
  assert.deepEqual(
    config.endpoints.flatMap(({ backends }) => backends.map(({ id }) => id)),
    [0, 1, 2],
  )
})

test('the configuration is frozen to its depth', async () => {
  const { config } = await load(
    service({ endpoint: '/a', backend: [{ ...backend, mapping: { a: 'b' } }] }),
  )
  assert.ok(Object.isFrozen(config.endpoints[0]?.backends[0]?.mapping))
  assert.ok(Object.isFrozen(config.router.trustedProxies))
})

test('all errors come at once, each with its place', async () => {
  const error = await refusal({
    version: 2,
    listen_ip: 'nowhere',
    endpoints: [
      { endpoint: '/__health', backend: [] },
      {
        endpoint: '/u/{id}',
        output_encoding: 'no-op',
        backend: [{ ...backend, url_pattern: '/{ib}' }, backend],
      },
      { endpoint: '/h', backend: [{ url_pattern: '/', host: ['ftp://files/x'] }] },
    ],
  })
  assert.deepEqual(
    error.problems.map(({ place, message }) => [place.line, place.path, message]),
    [
      [2, 'version', 'unsupported version: 2 (want: 3)'],
      [3, 'listen_ip', 'invalid ip address nowhere'],
      [6, 'endpoints[0].endpoint', "ignoring the ' /__health' endpoint, since it is invalid!!!"],
      [
        7,
        'endpoints[0].backend',
        "ignoring the ' /__health' endpoint, since it has 0 backends defined!",
      ],
      [
        11,
        'endpoints[1].output_encoding',
        'can not use NoOp encoding with more than one backends connected to the same endpoint',
      ],
      [
        17,
        'endpoints[1].backend[0].url_pattern',
        "undefined output param 'ib'! endpoint: GET /u/:id, backend: 0. input: [id], output: [ib]",
      ],
      [33, 'endpoints[2].backend[0].host[0]', 'host ftp://files/x not valid: invalid host'],
    ],
  )
})

test('an error reads as KrakenD words it, with what helps behind it', async () => {
  const file = join(folder, 'krakend.json')
  const bad = await refusal('{\n "version": 3,\n "timeout": "2 parsecs" }')
  assert.equal(
    bad.message,
    `'${file}': decoding failed due to the following error(s):\n\n` +
      `'timeout' time: unknown unit (line 3, column 13; at timeout; found "2 parsecs"; allowed: a duration such as 300ms, 2s or 1h30m)`,
  )
  const broken = await refusal('{ "version": 3 ')
  assert.equal(broken.message, `'${file}': unexpected end of JSON input (line 1, column 16)`)
  const missing = await loadConfig({ file: 'none.json', env: {} }).catch((error: unknown) => error)
  assert.equal(
    String(missing),
    "ConfigError: 'none.json': open none.json: no such file or directory",
  )
})

test('unknown keys are one warning each with the nearest name, comments none', async () => {
  const loaded = await load(
    {
      version: 3,
      tiemout: '1s',
      $schema: 'x',
      '@note': 1,
      _note: 1,
      '#note': 1,
      endpoints: [
        {
          endpoint: '/a',
          backend: [{ ...backend, hots: [] }],
          extra_config: { 'qos/ratelimit/ruoter': {} },
        },
      ],
    },
    { allowUnknownSecurity: true },
  )
  assert.deepEqual(said(loaded), [
    '3:3 tiemout unknown key "tiemout": it is ignored',
    '17:11 endpoints[0].backend[0].hots unknown key "hots": it is ignored',
    '21:9 endpoints[0].extra_config.qos/ratelimit/ruoter unknown namespace "qos/ratelimit/ruoter": requests pass WITHOUT it (--allow-unknown-security)',
  ])
  assert.deepEqual(
    loaded.warnings.map(({ nearest }) => nearest),
    ['timeout', 'host', 'qos/ratelimit/router'],
  )
  assert.equal(lint(loaded).length, 3)
})

test('a namespace that could refuse requests and is not there stops the start', async () => {
  const policies = service({
    endpoint: '/a',
    backend: [backend],
    extra_config: { 'security/policies': {} },
  })
  assert.match(
    (await refusal(policies)).message,
    /unknown namespace "security\/policies": it could refuse or change/,
  )
  const loaded = await load(policies, { allowUnknownSecurity: true })
  assert.equal(loaded.warnings[0]?.severity, 'error')
  const shouted = service({
    endpoint: '/a',
    backend: [backend],
    extra_config: { 'Auth/Validator': {} },
  })
  assert.match(
    (await refusal(shouted)).message,
    /unknown namespace "Auth\/Validator": it could refuse .*did you mean auth\/validator\?/,
  )
  const old = { version: 3, extra_config: { 'github_com/devopsfaith/krakend-cors': {} } }
  assert.deepEqual((await load(old)).warnings, [])
})

test('a namespace that only adds something is ignored with a warning', async () => {
  const loaded = await load({
    version: 3,
    extra_config: { 'telemetry/newrelic': {}, 'ai/mcp': {} },
  })
  assert.deepEqual(said(loaded), [
    '4:5 extra_config.telemetry/newrelic unknown namespace "telemetry/newrelic": it is ignored',
    '5:5 extra_config.ai/mcp unknown namespace "ai/mcp": it is ignored',
  ])
})

test('a namespace at the wrong level is named', async () => {
  const loaded = await load(
    service({ endpoint: '/a', backend: [backend], extra_config: { 'security/cors': {} } }),
  )
  assert.deepEqual(said(loaded), [
    '15:9 endpoints[0].extra_config.security/cors namespace "security/cors" does not belong to endpoints: it is ignored here',
  ])
})

test('a guard with a value of another type stops the start; what KrakenD endures is a warning', async () => {
  const limited = (config: JsonObject) =>
    service({
      endpoint: '/a',
      backend: [backend],
      extra_config: { 'qos/ratelimit/router': config },
    })
  assert.match(
    (await refusal(limited({ max_rate: '5' }))).message,
    /a value of another type .*allowed: number/,
  )
  const loaded = await load(limited({ max_rate: -1, client_max_rate: 1, strategy: 'IP' }))
  assert.deepEqual(said(loaded), [
    '16:23 endpoints[0].extra_config.qos/ratelimit/router.max_rate a value out of range: qos/ratelimit/router decides what it means',
  ])
})

test('old names of namespaces are resolved, and keep their place in the file', async () => {
  const loaded = await load(
    '{"version": 3, "extra_config": {\n "github_com/luraproject/lura/router/gin": {"auto_options": true, "nope": 1}}}',
  )
  assert.equal(loaded.config.router.autoOptions, true)
  assert.deepEqual(Object.keys(loaded.config.extraConfig), ['router'])
  assert.deepEqual(Object.keys(loaded.writtenDocument.extra_config ?? {}), [
    'github_com/luraproject/lura/router/gin',
  ])
  assert.equal(loaded.warnings[0]?.place.line, 2)
})

test('a namespace under both its names is the one under the current name, as in KrakenD', async () => {
  const [current, old] = [{ deny: ['current'] }, { deny: ['old'] }]
  for (const entries of [
    { 'security/bot-detector': current, 'github_com/devopsfaith/krakend-botdetector': old },
    { 'github_com/devopsfaith/krakend-botdetector': old, 'security/bot-detector': current },
  ]) {
    const loaded = await load({ version: 3, extra_config: entries })
    assert.deepEqual(loaded.config.extraConfig, { 'security/bot-detector': current })
  }
})

test('a router option of another type costs the engine options, as in KrakenD, and says so', async () => {
  const router = {
    return_error_msg: true,
    hide_version_header: 'yes',
    disable_health: true,
    auto_options: true,
  }
  const { config, warnings } = await load({ version: 3, extra_config: { router } })
  assert.equal(config.router.returnErrorMsg, false)
  assert.equal(config.router.disableHealth, true)
  assert.equal(config.router.autoOptions, true)
  assert.equal(warnings.filter(({ severity }) => severity === 'error').length, 1)
})

test('a method that cannot be served leaves its endpoint out', async () => {
  const { config, warnings } = await load(
    service(
      { endpoint: '/a', method: 'HEAD', backend: [backend] },
      { endpoint: '/b', backend: [backend] },
    ),
  )
  assert.deepEqual(
    config.endpoints.map(({ endpoint, index }) => [endpoint, index]),
    [['/b', 1]],
  )
  assert.equal(warnings[0]?.message, 'Unsupported method HEAD: the endpoint /a is not served')
  assert.equal(warnings[0]?.severity, 'error')
})

test('two endpoints for one method and path are named apart from other errors', async () => {
  const { routeProblems } = await load(
    service(
      { endpoint: '/a/{x}', backend: [backend] },
      { endpoint: 'a/{x}', method: 'get', backend: [backend] },
    ),
  )
  assert.match(routeProblems[0]?.message ?? '', /'\/a\/:x': endpoints\[0\] has the same method GET/)
})

test('the environment wins over the file and is named when it is wrong, flags win over both', async () => {
  const env = { KRAKEND_PORT: '9000', KRAKEND_TIMEOUT: '1s', krakend_name: 'no', OTHER: 'x' }
  const { config } = await load({ version: 3, port: 1, name: 'gw' }, { env })
  assert.deepEqual([config.port, config.name], [9000, 'gw'])
  const flags = await load({ version: 3 }, { env, overrides: { port: 9001, debug: true } })
  assert.deepEqual([flags.config.port, flags.config.debugEndpoint], [9001, true])
  const error = await refusal({ version: 3 }, { env: { KRAKEND_PORT: 'abc' } })
  assert.match(error.message, /'port' cannot parse value as 'int'.*KRAKEND_PORT/)
  const nested = await load({ version: 3 }, { env: { 'KRAKEND_PLUGIN.FOLDER': './p' } })
  assert.equal(nested.config.plugin?.folder, './p')
})

test('YAML and TOML are read by their exact extension, everything else is JSON', async () => {
  const yaml =
    'version: 3\nport: 81\nendpoints:\n  - &a\n    endpoint: /a\n    backend: [{host: http://a.b, url_pattern: /}]\n  - <<: *a\n    endpoint: /b\n    tiemout: 1s\n'
  const fromYaml = await load(yaml, { name: 'k.yaml' })
  assert.deepEqual(
    fromYaml.config.endpoints.map(({ endpoint }) => endpoint),
    ['/a', '/b'],
  )
  assert.deepEqual(said(fromYaml), [
    '9:5 endpoints[1].tiemout unknown key "tiemout": it is ignored',
  ])
  const fromToml = await load(
    'version = 3\nport = 81\n[[endpoints]]\nendpoint = "/a"\n[[endpoints.backend]]\nhost = ["http://a.b"]\nurl_pattern = "/"\n',
    { name: 'k.toml' },
  )
  assert.equal(fromToml.config.endpoints[0]?.backends[0]?.hosts[0], 'http://a.b')
  assert.match(
    (await refusal('version: 3', { name: 'k.YAML' })).message,
    /invalid character 'v' looking for beginning/,
  )
})

test('broken YAML and TOML have a line', async () => {
  assert.match(
    (await refusal('version: 3\na: [', { name: 'k.yml' })).message,
    /yaml: line 2: .*\(line 2, column/,
  )
  assert.match(
    (await refusal('version = 3\na = ', { name: 'k.toml' })).message,
    /toml: .*\(line 2, column/,
  )
  assert.match((await refusal('- a', { name: 'k.yml' })).message, /cannot unmarshal !!seq/)
})

test('aliases that would grow without end are refused', async () => {
  const bomb = `a: &a [x]\n${'bcdefghi'
    .split('')
    .map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[at]}`)}]`)
    .join('\n')}\n`
  assert.match((await refusal(bomb, { name: 'k.yml' })).message, /yaml: Excessive alias count/)
})

test("a registry's names are taken as written, without a scheme", async () => {
  const { config, warnings } = await load({
    version: 3,
    host: ['_http._tcp.shop.local'],
    endpoints: [
      { endpoint: '/a', backend: [{ url_pattern: '/', sd: 'dns', sd_scheme: 'https' }] },
      {
        endpoint: '/b',
        backend: [{ url_pattern: '/', sd: 'etcd', host: ['etcd(key, http://d/x)'] }],
      },
      {
        endpoint: '/c',
        backend: [{ url_pattern: '/', sd: 'dns', host: ['http://app.local:81/'] }],
      },
    ],
  })
  assert.deepEqual(
    config.endpoints.map(({ backends }) => backends[0]?.hosts),
    [['_http._tcp.shop.local'], ['etcd(key, http://d/x)'], ['app.local:81']],
  )
  assert.match(warnings[0]?.message ?? '', /"app\.local:81" is looked up/)
})

test('an unknown registry stops the start, one that a module adds does not', async () => {
  const using = (sd: string, extra: JsonObject = {}): JsonObject => ({
    ...service({ endpoint: '/a', backend: [{ ...backend, sd }] }),
    extra_config: extra,
  })
  assert.match(
    (await refusal(using('consull'))).message,
    /unknown service discovery "consull".*did you mean consul\?/,
  )
  assert.match((await refusal(using('dns-shared'))).message, /did you mean dns\?/)
  await load(using('mine', { 'discovery/mine': { module: './mine.ts', anything: 1 } }))
})

test('registries that backend/discovery names must be there', async () => {
  const using = (discovery: JsonObject): JsonObject => ({
    ...service({
      endpoint: '/a',
      backend: [{ ...backend, sd: 'dns', extra_config: { 'backend/discovery': discovery } }],
    }),
    extra_config: { 'discovery/consul': { clusters: { eu: {}, us: {} } } },
  })
  const chained = (link: JsonObject): JsonObject => using({ chain: [link] })
  assert.match(
    (await refusal(chained({ sd: 'consull', host: ['a'] }))).message,
    /unknown service discovery "consull".*chain\[0\]\.sd.*did you mean consul\?/,
  )
  assert.match(
    (await refusal(chained({ sd: 'consul', registry: 'ue', host: ['a'] }))).message,
    /"discovery\/consul" has no cluster "ue".*allowed: eu, us/,
  )
  assert.match(
    (await refusal(using({ registry: 'eu' }))).message,
    /"discovery\/dns" has no cluster/,
  )
  await load(chained({ sd: 'consul', registry: 'eu', host: ['a'] }))
  await load(chained({ sd: 'static', host: ['http://a'] }))
})

test('what backend/discovery says of registries is named where hosts are written', async () => {
  const discovery = { balancer: 'random', health: { active: {} }, policy: { max_stale: '1h' } }
  const { warnings } = await load(
    service({
      endpoint: '/a',
      backend: [{ ...backend, extra_config: { 'backend/discovery': discovery } }],
    }),
  )
  assert.deepEqual(
    warnings.map(({ place }) => place.path?.replace(/.*backend\/discovery\W*/, '')),
    ['policy'],
  )
})

test('TLS without a key pair stops the start; numbers become OpenSSL names', async () => {
  assert.match(
    (await refusal({ version: 3, tls: { min_version: 'TLS12' } })).message,
    /public key not defined/,
  )
  assert.match(
    (await refusal({ version: 3, tls: { public_key: 'a' } })).message,
    /private key not defined/,
  )
  const { config } = await load({
    version: 3,
    tls: {
      keys: [{ public_key: 'c', private_key: 'k' }],
      min_version: 'TLS12',
      cipher_suites: [49199],
      curve_preferences: [29, 23],
    },
    allow_insecure_connections: true,
  })
  assert.deepEqual(config.tls?.ciphers, ['ECDHE-RSA-AES128-GCM-SHA256'])
  assert.deepEqual(config.tls?.curves, ['X25519', 'P-256'])
  assert.deepEqual([config.tls?.minVersion, config.tls?.maxVersion], ['TLSv1.2', 'TLSv1.3'])
  assert.equal(config.clientTls?.allowInsecureConnections, true)
})

test('an unknown output encoding follows the only backend, else it is JSON', async () => {
  const { config } = await load(
    service(
      { endpoint: '/a', output_encoding: 'csv', backend: [{ ...backend, encoding: 'string' }] },
      {
        endpoint: '/b',
        output_encoding: 'csv',
        backend: [{ ...backend, encoding: 'string' }, backend],
      },
      { endpoint: '/c', output_encoding: 'no-op', backend: [{ ...backend, encoding: 'json' }] },
    ),
  )
  assert.deepEqual(
    config.endpoints.map(({ outputEncoding }) => outputEncoding),
    ['string', 'json', 'no-op'],
  )
  assert.equal(config.endpoints[2]?.backends[0]?.encoding, 'no-op')
})

test('flexible configuration renders the file first', async () => {
  const env = { FC_ENABLE: '0', NAME: 'shop' }
  const { config } = await load('{"version": 3, "name": "{{ env "NAME" | upper }}"}', {
    name: 'gw.tmpl',
    env,
  })
  assert.equal(config.name, 'SHOP')
})

test('a whole number that a double cannot hold is named', async () => {
  const loaded = await load(
    '{"version": 3, "extra_config": {"proxy": {}, "@n": [1, 12345678901234567890]}}',
  )
  assert.match(said(loaded).join(), /extra_config\.@n\[1\] a whole number beyond 2\^53/)
})

test('a document nested without end is refused, in every format', async () => {
  const nested = (depth: number): string =>
    `{"version": 3, "extra_config": {"a": ${'['.repeat(depth)}${']'.repeat(depth)}}}`
  for (const depth of [2_000, 9_000, 200_000]) {
    assert.match((await refusal(nested(depth))).message, /exceeded max depth|unexpected|invalid/)
    assert.match(
      (await refusal(nested(depth), { name: 'k.yaml' })).message,
      /exceeded max depth|yaml:/,
    )
  }
  assert.match((await refusal('['.repeat(200_000))).message, /exceeded max depth/)
  await load(nested(500))
})

test('a missing setting that a function makes nothing of is named with its template, where the text breaks', async () => {
  const settings = join(folder, 'gap-settings')
  await mkdir(settings)
  await writeFile(join(settings, 'shop.json'), '{"some":{}}')
  const template = [
    '{ "version": 3, "timeout": "{{ .shop.timeout | default "3s" }}", "port": "{{ .none | quote }}",',
    '  "name": {{ .shop.name | quote }},',
    '  "port": {{ index .shop "port" | quote }}, "cache_ttl": {{ .shop.some.thing.deep | squote }} }',
  ]
  const causes = async (lines: readonly string[]) => {
    const env = { FC_ENABLE: '1', FC_SETTINGS: settings }
    const { message, problems } = await refusal(lines.join('\n'), { name: 'gaps.tmpl', env })
    assert.match(message, /: invalid character .* looking for beginning of value/)
    for (const problem of problems.slice(1)) assert.ok(message.includes(describeProblem(problem)))
    return problems.slice(1).map(describeProblem)
  }
  const file = join(folder, 'gaps.tmpl')
  const why = (text: string) => `${file}:${text}`
  assert.deepEqual(await causes(template), [
    why('2:19 <.shop.name> left nothing here: map has no entry for key "name"'),
  ])
  assert.deepEqual(await causes(template.toSpliced(1, 1)), [
    why('2:14 <index .shop "port"> left nothing here: map has no entry for key "port"'),
    why('2:66 <.shop.some.thing.deep> left nothing here: map has no entry for key "thing"'),
  ])
})
