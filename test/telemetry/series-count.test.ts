import assert from 'node:assert/strict'
import { Agent, METHODS, request } from 'node:http'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { DnsServer } from '../support/dns-server.ts'
import { startHttpServer } from '../support/http-server.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'

const REQUESTS = 10_000
const HOSTS_A_ROUND = 40
/** What a backend may show, and the one for all others. */
const MOST_HOSTS = 200 + 1
const NAME = '_api._tcp.shop.test'

const series = async ({ adminUrl }: RunningGateway): Promise<string[]> => {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return text.split('\n').filter((line) => line.startsWith('gateway_'))
}

/** Anything that node:http can send but what upgrades or tunnels. */
const methods = METHODS.filter((method) => method !== 'CONNECT')
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

function send(agent: Agent, url: string, path: string, method: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, path, method }, (reply) => {
      reply.resume()
      reply.on('end', () => resolve(reply.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

describe('the number of series', () => {
  it(`stays flat under ${REQUESTS} random paths and methods`, async () => {
    await using upstream = await startHttpServer((_request, response) => response.end('{}'))
    await using gateway = await startGateway(
      {
        extra_config: { router: { disable_access_log: true } },
        endpoints: [
          { endpoint: '/a/{b}', backend: [{ host: [upstream.url], url_pattern: '/{b}' }] },
        ],
      },
      { workers: 2, admin: true },
    )
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    const randomPath = () =>
      `/${oneOf(['', 'a/', 'x/', '__health/'])}${Math.random().toString(36).slice(2)}${oneOf(['', '?q=1', '/', '%20', '//x'])}`
    const storm = async (count: number) => {
      let left = count
      const worker = async () => {
        while (left-- > 0) await send(agent, gateway.url, randomPath(), oneOf(methods))
      }
      await Promise.all(Array.from({ length: 16 }, worker))
    }
    // Every method, status and shape of path comes up in the first storm.
    await storm(2000)
    const before = await series(gateway)
    await storm(REQUESTS)
    const after = await series(gateway)
    agent.destroy()
    const isNew = (line: string) =>
      !before.some((known) => known.startsWith(line.replace(/ [^ ]+$/, ' ')))
    assert.deepEqual(after.filter(isNew), [])
    assert.ok(after.length < 500, `${after.length} series`)
    const methodsShown = new Set(after.flatMap((line) => /method="([^"]*)"/.exec(line)?.[1] ?? []))
    assert.ok(methodsShown.has('_OTHER'))
    assert.ok(methodsShown.size <= 10, [...methodsShown].join())
  })

  it('stays bounded while hosts come and go', async () => {
    await using upstream = await startHttpServer((_request, response) => response.end('{}'))
    let round = 0
    const records = () =>
      Array.from({ length: HOSTS_A_ROUND }, (_none, at) => `h${round}-${at}.shop.test`).flatMap(
        (target) => [
          {
            type: 'SRV' as const,
            name: NAME,
            data: { priority: 1, weight: 1, port: upstream.port, target },
          },
          { type: 'A' as const, name: target, data: '127.0.0.1' },
        ],
      )
    const dns = await DnsServer.start(records())
    await using stack = new AsyncDisposableStack()
    stack.defer(() => dns.close())
    await using gateway = await startGateway(
      {
        dns_cache_ttl: '1s',
        extra_config: { router: { disable_access_log: true } },
        endpoints: [{ endpoint: '/a', backend: [{ host: [NAME], sd: 'dns', url_pattern: '/' }] }],
      },
      { workers: 2, admin: true, env: { GATEWAY_DNS_SERVERS: `127.0.0.1:${dns.port}` } },
    )
    const hosts = async () =>
      new Set(
        (await series(gateway)).flatMap(
          (line) => /^gateway_backend_requests_total.*host="([^"]*)"/.exec(line)?.[1] ?? [],
        ),
      )
    const isKnown = (name: string) => (shown: Set<string>) =>
      [...shown].some((host) => host.includes(name))
    const rounds = 7
    for (; round < rounds; round++) {
      dns.records = records()
      // Until the new hosts are called: those of the first rounds by their names.
      for (let tries = 0; tries < 100; tries++) {
        await wait(50)
        for (let call = 0; call < HOSTS_A_ROUND * 2; call++)
          assert.equal((await fetch(`${gateway.url}/a`)).status, 200)
        const shown = await hosts()
        if (isKnown(`h${round}-`)(shown) || shown.has('other')) break
      }
    }
    const shown = await hosts()
    assert.ok(shown.has('other'), `${shown.size} hosts`)
    assert.ok(shown.size <= MOST_HOSTS, `${shown.size} hosts`)
  })
})
