import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { nacosSource } from '../../internal/discovery/sources/nacos.ts'
import { NO_FAULTS, realRegistry, send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { scope } from '../support/source-scope.ts'

const PLAIN = 'http://127.0.0.1:9250'
const AUTH = 'http://127.0.0.1:9252'
const LIST = `${PLAIN}/nacos/v1/ns/instance/list?serviceName=orders`
const signal = () => AbortSignal.timeout(8000)
const server = serverOrSkip('nacos')

const query = (host: string, port: number, more: Record<string, string> = {}) =>
  new URLSearchParams({
    serviceName: 'orders',
    ip: host,
    port: String(port),
    ephemeral: 'true',
    ...more,
  })
const add = (host: string, port: number, more?: Record<string, string>) =>
  send(`${PLAIN}/nacos/v1/ns/instance?${query(host, port, more)}`, { method: 'POST' })
const drop = (host: string, port: number) =>
  send(`${PLAIN}/nacos/v1/ns/instance?${query(host, port)}`, { method: 'DELETE' })
async function list(): Promise<string[]> {
  const { hosts } = JSON.parse(await send(LIST))
  return hosts.map(({ ip, port }: { ip: string; port: number }) => `${ip}:${port}`)
}

describe('a real Nacos', { skip: server.skip }, () => {
  before(() => server.start('all'))
  after(() => server.stop())

  for (const prefix of ['/nacos/v1/', '/nacos/v3/'])
    sourceContract({
      name: `nacos (${prefix})`,
      service: 'orders',
      without: NO_FAULTS,
      start: async () =>
        realRegistry({
          source: () => nacosSource({ host: PLAIN, prefix }, scope()),
          add,
          drop,
          list,
        }),
    })

  it('keeps float weights, zone and group', async () => {
    await add('10.0.0.1', 1, { weight: '2.5', metadata: '{"zone":"a"}', groupName: 'shop' })
    const source = nacosSource({ host: PLAIN, group: 'shop' }, scope())
    await until(async () => {
      const { instances } = await source.ask('orders', signal())
      assert.deepEqual(
        instances.map(({ host, weight, zone }) => [host, weight, zone]),
        [['10.0.0.1', 2.5, 'a']],
      )
    })
    await source.close?.()
  })

  for (const prefix of [undefined, '/nacos/v3/'])
    it(`logs in ${prefix === undefined ? 'by the first API there is' : `at ${prefix}`}, and says when it may not`, async () => {
      const own = { host: AUTH, ...(prefix === undefined ? {} : { prefix }) }
      const source = nacosSource({ ...own, username: 'nacos', password: 'nacospw' }, scope())
      assert.equal((await source.ask('orders', signal())).isUnknown, true)
      const wrong = nacosSource({ ...own, username: 'nacos', password: 'not-it' }, scope())
      await assert.rejects(wrong.ask('orders', signal()), { failure: 'unreachable' })
      const nobody = nacosSource(own, scope())
      await assert.rejects(nobody.ask('orders', signal()), /answered 403/)
      for (const one of [source, wrong, nobody]) await one.close?.()
    })
})
