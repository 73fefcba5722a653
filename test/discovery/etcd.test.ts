import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer, Source } from '../../internal/discovery/discovery.ts'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { etcdSource } from '../../internal/discovery/sources/etcd.ts'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { stateFolder } from '../servers/table.ts'
import { NO_FAULTS, realRegistry, send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { scope } from '../support/source-scope.ts'

const PLAIN = 'http://127.0.0.1:9200'
const AUTH = 'http://127.0.0.1:9204'
const PREFIX = '/services/orders/'
/** The script's servers keep simple tokens for so long. */
const TOKEN_LIFE_MS = 5000
const base64 = (text: string) => Buffer.from(text).toString('base64')
const signal = () => AbortSignal.timeout(8000)

async function call(url: string, word: string, body: object, token = ''): Promise<JsonObject> {
  const headers = token === '' ? {} : { authorization: token }
  return JSON.parse(await send(`${url}/v3/${word}`, { method: 'POST', body, headers }))
}
const put = (key: string, value: string, url = PLAIN, token = '') =>
  call(url, 'kv/put', { key: base64(key), value: base64(value) }, token)
const drop = (key: string) => call(PLAIN, 'kv/deleterange', { key: base64(key) })
const places = ({ instances }: Answer) =>
  instances.map(({ host, port, basePath }) => `${host}:${port}${basePath}`)

function watching(source: Source, service: string) {
  const over = new AbortController()
  const told: string[] = []
  const done = Promise.resolve(
    source.watch?.(service, (answer) => void told.push(places(answer).join()), over.signal),
  )
  done.catch(() => {})
  return { told, done, end: () => over.abort() }
}

for (const [name, version] of [
  ['etcd', '3.4'],
  ['etcd-new', '3.6'],
] as const) {
  const server = serverOrSkip(name)
  describe(`a real etcd ${version}`, { skip: server.skip }, () => {
    before(() => server.start())
    after(() => server.stop())

    for (const mode of ['watch', 'poll'])
      sourceContract({
        name: `etcd ${version} (${mode})`,
        service: PREFIX,
        without: NO_FAULTS,
        start: async () =>
          realRegistry({
            source: () => etcdSource({ endpoints: [PLAIN], mode }, scope()),
            add: (host, port) => put(`${PREFIX}${host}:${port}`, `http://${host}:${port}`),
            drop: (host, port) => drop(`${PREFIX}${host}:${port}`),
          }),
      })

    it("follows WSO2's petstore: the default, the key, a change, the key deleted, etcd gone and back", async () => {
      const source = etcdSource({ endpoints: [PLAIN] }, scope())
      const name = 'etcd (petstore,https://www.example.com)'
      const first = watching(source, name)
      const last = (one: { told: string[] }) => one.told.at(-1)
      await until(() => assert.equal(last(first), 'www.example.com:443'))
      await put('petstore', 'http://petstore.swagger.io/v2/')
      await until(() => assert.equal(last(first), 'petstore.swagger.io:80/v2'))
      await put('petstore', 'http://host/phoneverify.asmx')
      await until(() => assert.equal(last(first), 'host:80/phoneverify.asmx'))
      await drop('petstore')
      await until(() => assert.equal(last(first), 'www.example.com:443'))
      await server.stop()
      await assert.rejects(first.done, { failure: 'unreachable' })
      await assert.rejects(source.ask(name, signal()), { failure: 'unreachable' })
      await server.start()
      await put('petstore', 'http://back:1')
      const second = watching(source, name)
      await until(() => assert.equal(last(second), 'back:1'))
      second.end()
      await second.done
      await source.close?.()
    })

    it('logs in, also when the token is over, and says what is refused without the password', async () => {
      const token = String(
        (await call(AUTH, 'auth/authenticate', { name: 'root', password: 'rootpw' }))['token'],
      )
      await put('/services/x', 'http://x:1', AUTH, token)
      const source = etcdSource({ endpoints: AUTH, username: 'sd', password: 'sdpw' }, scope())
      assert.deepEqual(places(await source.ask('/services/x', signal())), ['x:1'])
      await wait(TOKEN_LIFE_MS + 2500)
      assert.deepEqual(places(await source.ask('/services/x', signal())), ['x:1'])
      await assert.rejects(source.ask('elsewhere', signal()), /permission denied/)
      const wrong = etcdSource({ endpoints: AUTH, username: 'sd', password: 'not-it' }, scope())
      await assert.rejects(wrong.ask('/services/x', signal()), (error: Error) => {
        assert.match(error.message, /invalid user ID or password/)
        assert.doesNotMatch(error.message, /not-it/)
        return true
      })
      const nobody = etcdSource({ endpoints: AUTH }, scope())
      await assert.rejects(nobody.ask('/services/x', signal()), /user name is empty/)
      for (const one of [source, wrong, nobody]) await one.close?.()
    })

    it('talks TLS with a certificate of its own, and with nobody whom it does not know', async () => {
      const file = (one: string) => path.join(stateFolder(), 'tls', one)
      const endpoints = 'https://127.0.0.1:9202'
      const own = { cert_file: file('client.crt'), key_file: file('client.key') }
      const source = etcdSource({ endpoints, ca_file: file('ca.crt'), ...own }, scope())
      assert.equal((await source.ask('none', signal())).isUnknown, true)
      const distrusting = etcdSource({ endpoints, ...own }, scope())
      await assert.rejects(distrusting.ask('none', signal()), { failure: 'unreachable' })
      for (const one of [source, distrusting]) await one.close?.()
    })
  })
}
