import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startHttpServer } from '../support/http-server.ts'
import { send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'

const PLAIN = 'http://127.0.0.1:9200'
const server = serverOrSkip('etcd')
const base64 = (text: string) => Buffer.from(text).toString('base64')
const change = (word: string, body: object) =>
  send(`${PLAIN}/v3/kv/${word}`, { method: 'POST', body })
const put = (key: string, value: string) =>
  change('put', { key: base64(key), value: base64(value) })

/** Answers every request with its name and the path it was asked for. */
const named = (name: string) =>
  startHttpServer((request, reply) => {
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ name, path: request.url }))
  })

/** WSO2's document: a default URL, then `etcdctl put petstore URL`, changed while it runs, and etcd gone for a while. */
describe("WSO2's etcd walk-through with a real etcd and a real gateway", {
  skip: server.skip,
}, () => {
  before(() => server.start('plain'))
  after(() => server.stop())

  for (const workers of [1, 4])
    it(`serves the default, the key's URL, a changed one, and through an outage (${workers} threads)`, async () => {
      await using first = await named('default')
      await using petstore = await named('petstore')
      await using changed = await named('changed')
      await change('deleterange', { key: base64('petstore') })
      const backend = { url_pattern: '/pet/{id}', host: [`etcd (petstore, ${first.url}/v2/)`] }
      await using gateway = await startGateway(
        { endpoints: [{ endpoint: '/pet/{id}', backend: [backend] }] },
        { workers, args: ['--etcdurl', PLAIN, '--etcdtimer', '1000'] },
      )
      const get = async () => JSON.parse(await send(`${gateway.url}/pet/7`))
      const becomes = (expected: object) =>
        until(async () => assert.deepEqual(await get(), expected))
      await becomes({ name: 'default', path: '/v2/pet/7' })
      await put('petstore', `${petstore.url}/v2/`)
      await becomes({ name: 'petstore', path: '/v2/pet/7' })
      await put('petstore', changed.url)
      await becomes({ name: 'changed', path: '/pet/7' })
      await server.stop()
      for (let turn = 0; turn < 20; turn++) assert.equal((await get()).name, 'changed')
      await server.start('plain')
      await put('petstore', petstore.url)
      await becomes({ name: 'petstore', path: '/pet/7' })
      await change('deleterange', { key: base64('petstore') })
      await becomes({ name: 'default', path: '/v2/pet/7' })
    })
})

it('serves the default while etcd has never been there, and notices it when it comes', {
  skip: server.skip,
}, async () => {
  await using first = await named('default')
  await using late = await named('late')
  const backend = { url_pattern: '/', host: [`etcd(late-key,${first.url})`], sd: 'etcd' }
  await using gateway = await startGateway({
    endpoints: [{ endpoint: '/', backend: [backend] }],
    extra_config: { 'discovery/etcd': { endpoints: [PLAIN], timer: '500ms' } },
  })
  const name = async () => JSON.parse(await send(`${gateway.url}/`)).name
  assert.equal(await name(), 'default')
  try {
    await server.start('plain')
    await put('late-key', late.url)
    await until(async () => assert.equal(await name(), 'late'))
  } finally {
    await server.stop()
  }
})
