import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { authority, noOpenssl } from '../support/certificates.ts'
import { startHttpServer } from '../support/http-server.ts'
import { send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'

const PLACE = '127.0.0.1:9211'
const CREDENTIALS = `Basic ${Buffer.from('sd:sdpw').toString('base64')}`
const DATA_CENTER = 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo'
const server = serverOrSkip('eureka')

/** What a Spring service says of itself; `more` may say otherwise. */
async function register(app: string, port: number, more: object = {}): Promise<void> {
  const instance = {
    ...{ instanceId: `${app}-${port}`, hostName: '127.0.0.1', app, ipAddr: '127.0.0.1' },
    ...{ status: 'UP', vipAddress: app.toLowerCase() },
    ...{ port: { $: port, '@enabled': 'true' }, securePort: { $: 443, '@enabled': 'false' } },
    dataCenterInfo: { '@class': DATA_CENTER, name: 'MyOwn' },
    ...more,
  }
  await call(`apps/${app}`, 'POST', { instance })
}
const call = (path: string, method: string, body?: object) =>
  send(`http://${PLACE}/eureka/${path}`, {
    method,
    headers: { authorization: CREDENTIALS },
    ...(body === undefined ? {} : { body }),
  })

const upstream = (name: string) =>
  startHttpServer((request, reply) => {
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ name, path: request.url }))
  })

async function gatewayFor(app: string, more: JsonObject = {}, workers = 1) {
  const { backend = {}, ...rest } = more
  const options = { host: [`http://sd:sdpw@${PLACE}`], fetch_interval: '500ms', weight: 2 }
  const gateway = await startGateway(
    {
      ...rest,
      extra_config: { 'discovery/eureka': options },
      endpoints: [
        {
          endpoint: '/user/{id}',
          backend: [
            { url_pattern: '/user/{id}', sd: 'eureka', host: [app], ...(backend as object) },
          ],
        },
      ],
    },
    { workers },
  )
  const names = async (count: number) => {
    const seen: string[] = []
    for (let turn = 0; turn < count; turn++)
      seen.push(JSON.parse(await send(`${gateway.url}/user/7`)).name)
    return seen.sort().join(' ')
  }
  return { gateway, names, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() }
}

/** APISIX's four rules (UP, address, port, weight) and its notice, behind user and password. */
describe("APISIX's rules for Eureka with a real server that asks for a password", {
  skip: server.skip || noOpenssl,
}, () => {
  before(() => server.start('auth'))
  after(() => server.stop())

  for (const workers of [1, 4])
    it(`weighs by metadata, else by the configuration, and takes who is UP (${workers} threads)`, async () => {
      const app = `WEIGHED-${workers}`
      await using usual = await upstream('usual')
      await using heavy = await upstream('heavy')
      await using starting = await upstream('starting')
      await register(app, usual.port)
      await register(app, heavy.port, { metadata: { weight: '4' } })
      await register(app, starting.port, { status: 'STARTING' })
      await using own = await gatewayFor(app, {}, workers)
      await until(async () =>
        assert.equal(await own.names(6), 'heavy heavy heavy heavy usual usual'),
      )
      // What an operator sets counts more than what the instance says, in both directions.
      const status = (port: number, value: string) =>
        call(`apps/${app}/${app}-${port}/status?value=${value}`, 'PUT')
      await status(heavy.port, 'OUT_OF_SERVICE')
      await until(async () => assert.equal(await own.names(3), 'usual usual usual'))
      await status(starting.port, 'UP')
      await until(async () => assert.equal(await own.names(2), 'starting usual'))
      assert.doesNotMatch(own.gateway.output(), /sdpw/)
    })

  it('leaves static hosts alone where a service is named', async () => {
    await using named = await upstream('registry')
    await using listed = await upstream('static')
    await register('NOTICE', named.port)
    await using own = await gatewayFor('NOTICE', { host: [listed.url] })
    await until(async () => assert.equal(await own.names(3), 'registry registry registry'))
  })

  it('takes the secure port when both are on, and speaks TLS to it', async () => {
    using ca = authority()
    const { cert, key } = ca.issue('service', ['127.0.0.1'])
    await using plain = await upstream('plain')
    const secure = createServer({ cert, key }, (_request, reply) => {
      reply.setHeader('content-type', 'application/json')
      reply.end('{"name":"secure"}')
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    secure.listen(0, '127.0.0.1', resolve)
    await promise
    try {
      const { port } = secure.address() as AddressInfo
      await register('SECURE', plain.port, { securePort: { $: port, '@enabled': 'true' } })
      await using own = await gatewayFor('SECURE', { client_tls: { ca_certs: [ca.ca.certFile] } })
      await until(async () => assert.equal(await own.names(2), 'secure secure'))
    } finally {
      secure.close()
      secure.closeAllConnections()
    }
  })
})
