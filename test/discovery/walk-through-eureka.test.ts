import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startHttpServer } from '../support/http-server.ts'
import { send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'

// Not the ports of eureka.test.ts's contract: the same server, other applications.
const PLAIN = 'http://127.0.0.1:9210'
const server = serverOrSkip('eureka')

async function register(app: string, port: number, weight: number): Promise<void> {
  const instance = {
    ...{
      instanceId: `${app}-${port}`,
      hostName: '127.0.0.1',
      app,
      ipAddr: '127.0.0.1',
      status: 'UP',
    },
    ...{ port: { $: port, '@enabled': 'true' }, securePort: { $: 443, '@enabled': 'false' } },
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    ...{ vipAddress: app.toLowerCase(), metadata: { weight: String(weight) } },
  }
  await send(`${PLAIN}/eureka/apps/${app}`, { method: 'POST', body: { instance } })
}
const upstream = (name: string) =>
  startHttpServer((request, reply) => {
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ name, path: request.url }))
  })

/** APISIX's document: a route by service name, two services behind prefixes, weights, an instance out of service. */
describe("APISIX's Eureka walk-through with a real server and a real gateway", {
  skip: server.skip,
}, () => {
  before(() => server.start('plain'))
  after(() => server.stop())

  it('routes by application, weighs by metadata, and leaves out what is out of service', async () => {
    await using user = await upstream('user')
    await using heavy = await upstream('a-heavy')
    await using light = await upstream('a-light')
    await using other = await upstream('b')
    await register('USER-SERVICE', user.port, 100)
    await register('A-SERVICE', heavy.port, 3)
    await register('A-SERVICE', light.port, 1)
    await register('B-SERVICE', other.port, 100)
    const to = (endpoint: string, url_pattern: string, host: string) => ({
      endpoint,
      backend: [{ url_pattern, sd: 'eureka', host: [host] }],
    })
    await using gateway = await startGateway({
      extra_config: { 'discovery/eureka': { host: [PLAIN], fetch_interval: '500ms' } },
      endpoints: [
        to('/user/{id}', '/user/{id}', 'USER-SERVICE'),
        to('/a/test', '/test', 'a-service'),
        to('/b/test', '/test', 'B-SERVICE'),
      ],
    })
    const get = async (path: string) => JSON.parse(await send(gateway.url + path))
    await until(async () =>
      assert.deepEqual(await get('/user/7'), { name: 'user', path: '/user/7' }),
    )
    await until(async () => assert.deepEqual(await get('/b/test'), { name: 'b', path: '/test' }))
    await until(async () => {
      const names = []
      for (let turn = 0; turn < 8; turn++) names.push((await get('/a/test')).name)
      assert.equal(names.filter((name) => name === 'a-heavy').length, 6)
    })
    const status = `${PLAIN}/eureka/apps/A-SERVICE/A-SERVICE-${heavy.port}/status?value=OUT_OF_SERVICE`
    await send(status, { method: 'PUT' })
    await until(async () => {
      for (let turn = 0; turn < 4; turn++) assert.equal((await get('/a/test')).name, 'a-light')
    })
  })
})
