import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Answer } from '../../internal/discovery/discovery.ts'
import { consulSource } from '../../internal/discovery/sources/consul.ts'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { NO_FAULTS, realRegistry, send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { scope } from '../support/source-scope.ts'

const PLAIN = 'http://127.0.0.1:9220'
const ACL = 'http://127.0.0.1:9310'
/** The script's management token. */
const TOKEN = '11111111-1111-1111-1111-111111111111'
const signal = () => AbortSignal.timeout(8000)
const server = serverOrSkip('consul')

type To = { readonly address: string; readonly token: string }
const plain = { address: PLAIN, token: '' }
const headers = ({ token }: To): Record<string, string> =>
  token === '' ? {} : { 'x-consul-token': token }

function add(to: To, host: string, port: number, more: object = {}) {
  const body = { ID: `${host}-${port}`, Name: 'orders', Address: host, Port: port, ...more }
  const url = `${to.address}/v1/agent/service/register?replace-existing-checks=true`
  return send(url, { method: 'PUT', body, headers: headers(to) })
}
const drop = (to: To, host: string, port: number) =>
  send(`${to.address}/v1/agent/service/deregister/${host}-${port}`, {
    method: 'PUT',
    headers: headers(to),
  })
async function list(to: To) {
  const entries = JSON.parse(
    await send(`${to.address}/v1/health/service/orders`, { headers: headers(to) }),
  )
  return entries.map(
    ({ Service }: { Service: { Address: string; Port: number } }) =>
      `${Service.Address}:${Service.Port}`,
  )
}
const shown = ({ instances }: Answer) =>
  instances.map(({ host, port, weight, metadata }) =>
    `${host}:${port} ${weight} ${metadata['tags'] ?? ''}`.trim(),
  )

describe('a real Consul', { skip: server.skip }, () => {
  before(() => server.start())
  after(() => server.stop())

  for (const to of [plain, { address: ACL, token: TOKEN }])
    sourceContract({
      name: to === plain ? 'consul' : 'consul (with ACL)',
      service: 'orders',
      without: NO_FAULTS,
      secrets: [TOKEN],
      start: async () =>
        realRegistry({
          source: () => consulSource(to === plain ? { address: PLAIN } : { ...to }, scope()),
          add: (host, port) => add(to, host, port),
          drop: (host, port) => drop(to, host, port),
          list: () => list(to),
        }),
    })

  it('says that the token may be to blame when nothing is shown', async () => {
    const nobody = consulSource({ address: ACL }, scope())
    const answer = await nobody.ask('orders', signal())
    assert.equal(answer.isUnknown, true)
    assert.match(answer.notes.join(), /the token may not see it/)
    const wrong = consulSource(
      { address: ACL, token: '22222222-2222-2222-2222-222222222222' },
      scope(),
    )
    await assert.rejects(wrong.ask('orders', signal()), /403: ACL not found/)
    for (const one of [nobody, wrong]) await one.close?.()
  })

  it('weighs by the state of the checks, and asks for tags', async () => {
    const check = (Status: string) => ({ CheckID: `ttl-${Status}`, TTL: '600s', Status })
    const Weights = { Passing: 10, Warning: 2 }
    const all = [
      ['10.0.0.1', 'passing'],
      ['10.0.0.2', 'warning'],
      ['10.0.0.3', 'critical'],
    ] as const
    for (const [host, state] of all)
      await add(plain, host, 1, { Weights, Tags: ['blue', state], Check: check(state) })
    const source = consulSource({ address: PLAIN }, scope())
    await until(async () =>
      assert.deepEqual(shown(await source.ask('orders', signal())), [
        '10.0.0.1:1 10 blue,passing',
        '10.0.0.2:1 2 blue,warning',
      ]),
    )
    const tagged = consulSource({ address: PLAIN, tags: ['blue', 'warning'] }, scope())
    assert.deepEqual(shown(await tagged.ask('orders', signal())), ['10.0.0.2:1 2 blue,warning'])
    for (const [host] of all) await drop(plain, host, 1)
    for (const one of [source, tagged]) await one.close?.()
  })

  it('is heard again after a restart that lost everything: the index went back', async () => {
    const source = consulSource({ address: PLAIN, wait: '2s' }, scope())
    for (let port = 1; port <= 5; port++) await add(plain, '10.0.0.1', port)
    await until(async () =>
      assert.equal((await source.ask('orders', signal())).instances.length, 5),
    )
    const over = new AbortController()
    const told: string[] = []
    const watch = () =>
      source.watch?.('orders', (answer) => void told.push(shown(answer).join()), over.signal)
    const watching = watch()
    watching?.catch(() => {}) // Looked at when the server has gone.
    await server.stop()
    await assert.rejects(async () => watching, { failure: 'unreachable' })
    await server.start()
    await add(plain, '10.0.0.9', 9)
    const again = watch()
    await until(() => assert.equal(told.at(-1), '10.0.0.9:9 1'))
    over.abort()
    await again
    await source.close?.()
  })
})
