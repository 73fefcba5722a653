import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'
import { upstreamAt } from './upstream-at.ts'

const ZONE = 'sd.test'
const SERVICE = `_service._tcp.${ZONE}`
const NAME_SERVER = '127.0.0.1:9231'
const server = serverOrSkip('knot')
/** As the document's answer: two at priority 10 with weights 1 and 2, one at 20. */
const RECORDS = [
  { name: 'service-1', address: '127.0.8.1', priority: 10, weight: 1 },
  { name: 'service-2', address: '127.0.8.2', priority: 10, weight: 2 },
  { name: 'service-3', address: '127.0.8.3', priority: 20, weight: 1 },
] as const

async function zone(...changes: readonly (readonly string[])[]): Promise<void> {
  await server.call('ctl', 'zone-begin', ZONE)
  for (const [word = '', ...words] of changes) await server.call('ctl', word, ZONE, ...words)
  await server.call('ctl', 'zone-commit', ZONE)
}

/** KrakenD's page on service discovery: `sd: "dns"`, lower priorities left out, weights as repetitions. */
describe("KrakenD's SRV example on a real name server", { skip: server.skip }, () => {
  let port = 0
  const record = (one: (typeof RECORDS)[number]) =>
    `${one.priority} ${one.weight} ${port} ${one.name}.${ZONE}.`
  before(async () => {
    port = await freePort()
    await server.start()
    await zone(
      ...RECORDS.map(({ name, address }) => ['zone-set', name, '5', 'A', address]),
      ...RECORDS.map((one) => ['zone-set', `${SERVICE}.`, '5', 'SRV', record(one)]),
    )
  })
  after(() => server.stop())

  for (const workers of [1, 4])
    it(`balances service-1, service-2, service-2 and leaves service-3 out (${workers} threads)`, async () => {
      await using upstreams = new AsyncDisposableStack()
      for (const { name, address } of RECORDS) {
        const named = upstreamAt(address, port, (request, reply) => {
          reply.setHeader('content-type', 'application/json')
          reply.end(JSON.stringify({ name, host: request.headers.host, path: request.url }))
        })
        upstreams.use(await named)
      }
      await using gateway = await startGateway(
        {
          dns_cache_ttl: '1s',
          extra_config: { 'discovery/dns': { servers: [NAME_SERVER] } },
          endpoints: [
            {
              endpoint: '/foo',
              backend: [
                { url_pattern: '/foo', sd: 'dns', host: [SERVICE], disable_host_sanitize: true },
              ],
            },
          ],
        },
        { workers },
      )
      const get = async () => JSON.parse(await send(`${gateway.url}/foo`))
      const counts: Record<string, number> = {}
      for (let turn = 0; turn < 60; turn++) {
        const { name, host, path } = await get()
        assert.deepEqual([host, path], [`${name}.${ZONE}:${port}`, '/foo'])
        counts[name] = (counts[name] ?? 0) + 1
      }
      assert.deepEqual(counts, { 'service-1': 20, 'service-2': 40 })

      // When nobody of priority 10 is left, 20 is the lowest.
      const [first, second] = RECORDS
      const both = [first, second].map((one) => [`${SERVICE}.`, 'SRV', record(one)])
      await zone(...both.map((words) => ['zone-unset', ...words]))
      await until(async () => assert.equal((await get()).name, 'service-3'))
      await zone(...both.map(([name = '', ...words]) => ['zone-set', name, '5', ...words]))
      await until(async () => assert.notEqual((await get()).name, 'service-3'))
    })

  it('tells the same records to dig as the document shows', async () => {
    const words = ['-p', '9231', '@127.0.0.1', SERVICE, 'SRV', '+short']
    const told = execFileSync('dig', words, { encoding: 'utf8' })
    assert.deepEqual(told.trim().split('\n').sort(), RECORDS.map(record).sort())
  })
})
