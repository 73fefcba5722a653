import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { test } from 'node:test'
import { type DnsRecord, DnsServer } from '../support/dns-server.ts'
import { startHttpServer } from '../support/http-server.ts'
import { startGateway } from '../support/start-gateway.ts'

const SERVICE = '_shop._tcp.test'
const CONNECTIONS = 64
const WEIGHTS = [5, 2, 1]
const ROUNDS = 200

/** Asks `url` so many times over 64 connections; the values are the statuses that came. */
async function ask(url: string, times: number): Promise<Set<number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const statuses = new Set<number>()
  let left = times
  const one = () =>
    new Promise<void>((resolve, reject) => {
      get(url, { agent }, (reply) => {
        statuses.add(reply.statusCode ?? 0)
        reply.resume().on('end', resolve)
      }).on('error', reject)
    })
  const worker = async () => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  agent.destroy()
  return statuses
}

for (const workers of [1, 4])
  test(`each host gets exactly its share over 64 connections and ${workers} request threads`, async (context) => {
    const hits = new Map<string, number>()
    const counting = (host: number) =>
      startHttpServer((request, response) => {
        const key = `${request.url} ${host}`
        hits.set(key, (hits.get(key) ?? 0) + 1)
        response.end('{}')
      })
    await using first = await counting(0)
    await using second = await counting(1)
    await using third = await counting(2)
    const srv = [first, second, third].map(
      ({ port }, at): DnsRecord => ({
        type: 'SRV',
        name: SERVICE,
        ttl: 30,
        data: { target: 'host.test', port, priority: 0, weight: WEIGHTS[at] ?? 0 },
      }),
    )
    const dns = await DnsServer.start([
      ...srv,
      { type: 'A', name: 'host.test', ttl: 30, data: '127.0.0.1' },
    ])
    context.after(() => dns.close())
    const backend = (url_pattern: string) => ({ sd: 'dns', host: [SERVICE], url_pattern })
    await using gateway = await startGateway(
      {
        timeout: '20s',
        extra_config: {
          'discovery/dns': { servers: [`127.0.0.1:${dns.port}`] },
          router: { disable_access_log: true },
        },
        endpoints: [
          { endpoint: '/one', backend: [backend('/one')] },
          { endpoint: '/two', backend: [backend('/left'), backend('/right')] },
        ],
      },
      { workers },
    )
    const calls = ROUNDS * WEIGHTS.reduce((sum, weight) => sum + weight)
    for (const endpoint of ['/one', '/two'])
      assert.deepEqual([...(await ask(`${gateway.url}${endpoint}`, calls))], [200])
    for (const path of ['/one', '/left', '/right'])
      assert.deepEqual(
        WEIGHTS.map((_, host) => hits.get(`${path} ${host}`)),
        WEIGHTS.map((weight) => weight * ROUNDS),
        path,
      )
  })
