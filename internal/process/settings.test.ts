import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GivenFlags, readSettings, settingFlags, unknownVariables } from './settings.ts'

const flagsOf = (flags: Readonly<Record<string, string>>): GivenFlags => ({
  has: (name) => name in flags,
  text: (name) => flags[name] ?? '',
})
const read = (env: NodeJS.ProcessEnv = {}, flags: Readonly<Record<string, string>> = {}) =>
  readSettings({ env, flags: flagsOf(flags), config: 'krakend.json' })

test('has defaults that serve', () => {
  assert.deepEqual(read(), {
    config: 'krakend.json',
    adminAddress: { host: '127.0.0.1', port: 8091 },
    adminHosts: [],
    adminToken: '',
    adminTokenFile: '',
    workers: undefined,
    dnsServers: [],
    etcdurl: [],
    etcdtimer: 10_000,
    etcdusername: '',
    etcdpassword: '',
    etcdcafile: '',
    logLevel: '',
    logFormat: '',
    maxDecodeBytes: 64 * 1024 * 1024,
    maxRequestBytes: 64 * 1024 * 1024,
    maxRequestBytesTotal: 512 * 1024 * 1024,
    allowUnknownSecurity: false,
    snapshotFile: '',
    snapshotMaxAge: 86_400_000,
    given: ['config'],
  })
})

test('is frozen through and through', () => {
  const settings = read({ GATEWAY_DNS_SERVERS: '127.0.0.1:8600' })
  assert.ok(Object.isFrozen(settings))
  assert.ok(Object.isFrozen(settings.dnsServers))
  assert.ok(Object.isFrozen(settings.dnsServers[0]))
  assert.ok(Object.isFrozen(settings.adminAddress))
})

test('a flag wins over its variable, which wins over the default', () => {
  assert.equal(read({ GATEWAY_WORKERS: '2' }).workers, 2)
  assert.equal(read({ GATEWAY_WORKERS: '2' }, { workers: '3' }).workers, 3)
})

test('tells a wish from a default', () => {
  assert.ok(!read().given.includes('adminAddress'))
  assert.ok(read({ GATEWAY_ADMIN_ADDRESS: '127.0.0.1:8091' }).given.includes('adminAddress'))
})

test('an empty variable counts as unset', () => {
  assert.equal(read({ GATEWAY_WORKERS: '', GATEWAY_MAX_DECODE_BYTES: '' }).workers, undefined)
})

for (const [written, address] of [
  ['off', undefined],
  ['0.0.0.0:9000', { host: '0.0.0.0', port: 9000 }],
  [':9000', { host: '', port: 9000 }],
  ['[::1]:9000', { host: '::1', port: 9000 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
] as const) {
  test(`reads the admin address ${written}`, () => {
    assert.deepEqual(read({ GATEWAY_ADMIN_ADDRESS: written }).adminAddress, address)
  })
}

for (const [written, size] of [
  ['1048576', 1_048_576],
  ['64mb', 64 * 1024 * 1024],
  ['64M', 64 * 1024 * 1024],
  ['512KiB', 512 * 1024],
  ['1.5 gb', 1.5 * 1024 * 1024 * 1024],
] as const) {
  test(`reads the size ${written}`, () => {
    assert.equal(read({}, { 'max-decode-bytes': written }).maxDecodeBytes, size)
  })
}

test('reads name servers with and without ports', () => {
  assert.deepEqual(
    read({ GATEWAY_DNS_SERVERS: '127.0.0.1:8600, 10.0.0.2,::1,[::1]:54' }).dnsServers,
    [
      { host: '127.0.0.1', port: 8600 },
      { host: '10.0.0.2', port: 53 },
      { host: '::1', port: 53 },
      { host: '::1', port: 54 },
    ],
  )
})

test('reads switches, words in any case, lists and times', () => {
  const env = {
    GATEWAY_ALLOW_UNKNOWN_SECURITY: 'yes',
    GATEWAY_LOG_LEVEL: 'warning',
    GATEWAY_ADMIN_HOSTS: 'a.example, b.example',
    GATEWAY_SNAPSHOT_MAX_AGE: '90m',
  }
  const settings = read(env)
  assert.equal(settings.allowUnknownSecurity, true)
  assert.equal(settings.logLevel, 'WARNING')
  assert.deepEqual(settings.adminHosts, ['a.example', 'b.example'])
  assert.equal(settings.snapshotMaxAge, 5_400_000)
})

for (const [variable, written] of [
  ['GATEWAY_WORKERS', '0'],
  ['GATEWAY_WORKERS', '65'],
  ['GATEWAY_WORKERS', '12abc'],
  ['GATEWAY_WORKERS', '1.5'],
  ['GATEWAY_ADMIN_ADDRESS', '8091'],
  ['GATEWAY_ADMIN_ADDRESS', '127.0.0.1:70000'],
  ['GATEWAY_ADMIN_ADDRESS', '[127.0.0.1]:80'],
  ['GATEWAY_ADMIN_ADDRESS', '::1:80'],
  ['GATEWAY_ADMIN_ADDRESS', 'on'],
  ['GATEWAY_DNS_SERVERS', 'dns.example:53'],
  ['GATEWAY_DNS_SERVERS', '127.0.0.1,'],
  ['GATEWAY_DNS_SERVERS', '127.0.0.1:0'],
  ['GATEWAY_MAX_DECODE_BYTES', '0'],
  ['GATEWAY_MAX_DECODE_BYTES', '-1'],
  ['GATEWAY_MAX_DECODE_BYTES', '64tb'],
  ['GATEWAY_MAX_REQUEST_BYTES', '1e9'],
  ['GATEWAY_LOG_LEVEL', 'loud'],
  ['GATEWAY_LOG_FORMAT', 'xml'],
  ['GATEWAY_ALLOW_UNKNOWN_SECURITY', 'maybe'],
  ['GATEWAY_SNAPSHOT_MAX_AGE', '1y'],
] as const) {
  test(`refuses ${variable}=${written}, naming it, the value and what is allowed`, () => {
    assert.throws(
      () => read({ [variable]: written }),
      ({ message }: Error) =>
        message.includes(variable) &&
        message.includes(JSON.stringify(written)) &&
        message.includes('allowed: '),
    )
  })
}

test('names the flag when the flag is wrong', () => {
  assert.throws(() => read({ GATEWAY_WORKERS: '2' }, { workers: 'many' }), /--workers .*"many"/)
})

test('refuses an empty flag where there is a default', () => {
  assert.throws(() => read({}, { workers: '' }), /--workers .*allowed: /)
})

test('names every setting that is wrong at once', () => {
  assert.throws(
    () => read({ GATEWAY_WORKERS: 'x', GATEWAY_LOG_FORMAT: 'y' }),
    ({ message }: Error) =>
      message.includes('GATEWAY_WORKERS') && message.includes('GATEWAY_LOG_FORMAT'),
  )
})

test('refuses a token beside a token file, and shows neither', () => {
  assert.throws(
    () => read({ GATEWAY_ADMIN_TOKEN: 's3cret', GATEWAY_ADMIN_TOKEN_FILE: '/run/token' }),
    ({ message }: Error) => message.includes('one of them') && !message.includes('s3cret'),
  )
})

test('has no flag for secrets', () => {
  const names = settingFlags.map(({ name }) => name)
  assert.ok(!names.includes('admin-token'))
  assert.ok(names.includes('admin-token-file'))
})

test('points at variables that are misspelt, and not at those Kubernetes sets', () => {
  const env = {
    GATEWAY_WORKER: '2',
    GATEWAY_WORKERS: '2',
    GATEWAY_SERVICE_HOST: '10.0.0.1',
    GATEWAY_PORT: 'tcp://10.0.0.1:80',
    GATEWAY_PORT_80_TCP_ADDR: '10.0.0.1',
    GATEWAY_ADMIN_SERVICE_PORT_HTTP: '80',
    GATEWAY_PORT_80_TCP: 'tcp://10.0.0.1:80',
    KRAKEND_PORT: '1',
  }
  assert.deepEqual(unknownVariables(env), [
    { variable: 'GATEWAY_WORKER', nearest: 'GATEWAY_WORKERS' },
  ])
})

test('has no setting whose variable Kubernetes may set', () => {
  for (const { name } of settingFlags) {
    assert.doesNotMatch(name, /-(port|service-host|service-port)$/)
  }
})

test("reads WSO2's own variables where ours are not set", () => {
  const wso2 = { etcdurl: 'http://127.0.0.1:2379', etcdtimer: '10000', etcdusername: 'root' }
  assert.deepEqual(read(wso2).etcdurl, ['http://127.0.0.1:2379'])
  assert.equal(read(wso2).etcdtimer, 10_000)
  assert.equal(read({ ...wso2, GATEWAY_ETCDTIMER: '5s' }).etcdtimer, 5000)
  assert.throws(() => read({ etcdtimer: 'soon' }), /etcdtimer/)
})
