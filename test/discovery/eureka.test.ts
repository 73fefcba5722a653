import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { eurekaSource } from '../../internal/discovery/sources/eureka.ts'
import { NO_FAULTS, realRegistry, send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { scope } from '../support/source-scope.ts'

const PLAIN = 'http://127.0.0.1:9210'
const AUTH = '127.0.0.1:9211'
const signal = () => AbortSignal.timeout(8000)
const server = serverOrSkip('eureka')

function add(host: string, port: number, more: object = {}) {
  const instance = {
    ...{ instanceId: `${host}-${port}`, hostName: host, app: 'ORDERS', ipAddr: host, status: 'UP' },
    ...{ port: { $: port, '@enabled': 'true' }, securePort: { $: 443, '@enabled': 'false' } },
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    ...{ vipAddress: 'orders', leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 } },
    ...more,
  }
  return send(`${PLAIN}/eureka/apps/ORDERS`, { method: 'POST', body: { instance } })
}
const drop = (host: string, port: number) =>
  send(`${PLAIN}/eureka/apps/ORDERS/${host}-${port}`, { method: 'DELETE' })
async function list(): Promise<string[]> {
  const { applications } = JSON.parse(await send(`${PLAIN}/eureka/apps`))
  const instances = applications.application.flatMap((one: { instance: object[] }) => one.instance)
  return instances.map(
    ({ ipAddr, port }: { ipAddr: string; port: { $: number } }) => `${ipAddr}:${port.$}`,
  )
}

describe('a real Eureka server', { skip: server.skip }, () => {
  before(() => server.start())
  after(() => server.stop())

  sourceContract({
    name: 'eureka',
    service: 'orders',
    without: NO_FAULTS,
    start: async () =>
      realRegistry({
        source: () => eurekaSource({ host: PLAIN, fetch_interval: 0.2 }, scope()),
        add,
        drop,
        list,
      }),
  })

  it('hears of a status that an operator set, and of weights in the metadata', async () => {
    await add('10.0.0.1', 1, { metadata: { weight: '7', zone: 'a' } })
    await add('10.0.0.2', 2)
    const source = eurekaSource({ host: PLAIN, weight: 20 }, scope())
    const ask = async () =>
      (await source.ask('orders', signal())).instances.map(({ host, weight, zone }) =>
        `${host} ${weight} ${zone}`.trim(),
      )
    await until(async () => assert.deepEqual((await ask()).sort(), ['10.0.0.1 7 a', '10.0.0.2 20']))
    const status = `${PLAIN}/eureka/apps/ORDERS/10.0.0.2-2/status?value=OUT_OF_SERVICE`
    await send(status, { method: 'PUT' })
    await until(async () => assert.deepEqual(await ask(), ['10.0.0.1 7 a']))
    await send(status.replace('OUT_OF_SERVICE', 'UP'), { method: 'PUT' })
    await until(async () => assert.equal((await ask()).length, 2))
    await drop('10.0.0.1', 1)
    await drop('10.0.0.2', 2)
    await source.close?.()
  })

  it('logs in with user and password of the address, and goes to the next server', async () => {
    const source = eurekaSource({ host: ['http://127.0.0.1:1', `http://sd:sdpw@${AUTH}`] }, scope())
    assert.equal((await source.ask('orders', signal())).isUnknown, true)
    const wrong = eurekaSource({ host: `http://sd:not-it@${AUTH}` }, scope())
    await assert.rejects(wrong.ask('orders', signal()), /answered 401/)
    for (const one of [source, wrong]) await one.close?.()
  })
})
