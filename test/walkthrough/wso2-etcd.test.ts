import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { missingOf, servers, stateFolder } from '../servers/table.ts'
import { startHttpServer } from '../support/http-server.ts'
import { send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { type StartOptions, startGateway } from '../support/start-gateway.ts'

const execute = promisify(execFile)
const server = serverOrSkip('etcd')
const PLAIN = 'http://127.0.0.1:9200'
const TLS = 'https://127.0.0.1:9202'
const AUTH = 'http://127.0.0.1:9204'
/** The script's server forgets simple tokens that nobody used for so long; etcd's own default is five minutes. */
const TOKEN_LIFE_MS = 5000
const inTls = (file: string) => path.join(stateFolder(), 'tls', file)

/** `etcdctl put petstore URL`, as the document has it. */
async function etcdctl(endpoint: string, ...words: readonly string[]): Promise<void> {
  const ca = [
    '--cacert',
    inTls('ca.crt'),
    '--cert',
    inTls('client.crt'),
    '--key',
    inTls('client.key'),
  ]
  const own = { [TLS]: ca, [AUTH]: ['--user', 'root:rootpw'] }[endpoint] ?? []
  await execute('etcdctl', ['--endpoints', endpoint, ...own, ...words], {
    env: { ...process.env, ETCDCTL_API: '3' },
  })
}

const named = (name: string) =>
  startHttpServer((request, reply) => {
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ name, path: request.url }))
  })

/** The petstore of the document: one endpoint whose upstream is `etcd (KEY,DEFAULT)`. */
async function petstore(host: string[], options: StartOptions, extraConfig = {}) {
  const backend = { url_pattern: '/pet/{id}', host }
  const gateway = await startGateway(
    { endpoints: [{ endpoint: '/pet/{id}', backend: [backend] }], extra_config: extraConfig },
    options,
  )
  const get = async () => JSON.parse(await send(`${gateway.url}/pet/7`))
  const becomes = (expected: object) => until(async () => assert.deepEqual(await get(), expected))
  return { gateway, get, becomes, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() }
}

describe("WSO2's etcd walk-through with etcdctl", { skip: server.skip || noEtcdctl() }, () => {
  before(() => server.start('all'))
  after(() => server.stop())

  it('takes --etcdurl and --etcdtimer, or their variables as a container does', async () => {
    await using fallback = await named('default')
    await using found = await named('petstore')
    await etcdctl(PLAIN, 'del', 'petstore')
    const host = [`etcd (petstore,${fallback.url})`]
    await using flags = await petstore(host, { args: [`--etcdurl=${PLAIN}`, '--etcdtimer=10000'] })
    await using variables = await petstore(host, {
      env: { GATEWAY_ETCDURL: PLAIN, GATEWAY_ETCDTIMER: '10000' },
    })
    for (const one of [flags, variables]) await one.becomes({ name: 'default', path: '/pet/7' })
    await etcdctl(PLAIN, 'put', 'petstore', `${found.url}/v2/`)
    const startMs = performance.now()
    for (const one of [flags, variables]) await one.becomes({ name: 'petstore', path: '/v2/pet/7' })
    assert.ok(performance.now() - startMs < 10_000, 'within the timer of ten seconds')
  })

  it('mixes keys and plain URLs, with a path that ends in a file name', async () => {
    await using phone = await named('phone')
    await using plain = await named('plain')
    await etcdctl(PLAIN, 'put', 'phoneverify', `${phone.url}/phoneverify/phoneverify.asmx`)
    await using mixed = await petstore([`etcd( phoneverify , ${plain.url} )`, plain.url], {
      args: ['--etcdurl', PLAIN],
    })
    const seen = new Set<string>()
    await until(async () => {
      const { name, path: asked } = await mixed.get()
      seen.add(`${name} ${asked}`)
      assert.deepEqual([...seen].sort(), [
        'phone /phoneverify/phoneverify.asmx/pet/7',
        'plain /pet/7',
      ])
    })
  })

  for (const mode of ['watch', 'poll'])
    it(`logs in with user and password, and hears of a change after its token is over (${mode})`, async () => {
      await using fallback = await named('default')
      await using first = await named('first')
      await using second = await named('second')
      await etcdctl(AUTH, 'del', '/services/petstore')
      await using own = await petstore(
        [`etcd(/services/petstore,${fallback.url})`],
        {
          args: ['--etcdurl', AUTH, '--etcdusername', 'sd'],
          env: { GATEWAY_ETCDPASSWORD: 'sdpw' },
        },
        { 'discovery/etcd': { mode, timer: '1s' } },
      )
      await own.becomes({ name: 'default', path: '/pet/7' })
      await etcdctl(AUTH, 'put', '/services/petstore', first.url)
      await own.becomes({ name: 'first', path: '/pet/7' })
      await wait(TOKEN_LIFE_MS + 2500)
      await etcdctl(AUTH, 'put', '/services/petstore', second.url)
      await own.becomes({ name: 'second', path: '/pet/7' })
      assert.doesNotMatch(own.gateway.output(), /sdpw/)
    })

  it('says that a wrong password is refused, and serves the default meanwhile', async () => {
    await using fallback = await named('default')
    await using own = await petstore([`etcd(/services/petstore,${fallback.url})`], {
      args: ['--etcdurl', AUTH, '--etcdusername', 'sd'],
      env: { GATEWAY_ETCDPASSWORD: 'not-it' },
    })
    await own.becomes({ name: 'default', path: '/pet/7' })
    await until(() => assert.match(own.gateway.output(), /invalid user ID or password/))
    assert.doesNotMatch(own.gateway.output(), /not-it/)
  })

  it('follows a key over TLS, with the authority named by --etcdcafile and a certificate of its own', async () => {
    await using fallback = await named('default')
    await using found = await named('petstore')
    await etcdctl(TLS, 'del', 'petstore')
    await using own = await petstore(
      [`etcd(petstore,${fallback.url})`],
      { args: ['--etcdurl', TLS, '--etcdcafile', inTls('ca.crt')] },
      { 'discovery/etcd': { cert_file: inTls('client.crt'), key_file: inTls('client.key') } },
    )
    await own.becomes({ name: 'default', path: '/pet/7' })
    await etcdctl(TLS, 'put', 'petstore', found.url)
    await own.becomes({ name: 'petstore', path: '/pet/7' })
    await etcdctl(TLS, 'del', 'petstore')
    await own.becomes({ name: 'default', path: '/pet/7' })
  })

  it('does not talk to an etcd whose authority it does not know', async () => {
    await using fallback = await named('default')
    await etcdctl(TLS, 'put', 'petstore', 'http://127.0.0.1:1')
    await using own = await petstore([`etcd(petstore,${fallback.url})`], {
      args: ['--etcdurl', TLS],
    })
    await until(() => assert.match(own.gateway.output(), /certificate/))
    assert.equal((await own.get()).name, 'default')
  })
})

function noEtcdctl(): string | false {
  const row = servers.find(({ name }) => name === 'etcd')
  const needs = row && missingOf({ ...row, needs: ['etcdctl'] }).length > 0
  return needs ? 'etcdctl is not installed' : false
}
