import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { describe, it } from 'node:test'
import { startHttpServer } from '../support/http-server.ts'
import { startGateway } from '../support/start-gateway.ts'

const ENDPOINTS = 1000
const ROUNDS = 40
const LONGEST_MS = 5
const CONNECTIONS = 12

/** Sends one request and resolves with how long its answer took. */
function probe(agent: Agent, url: string): Promise<number> {
  const startMs = performance.now()
  return new Promise((resolve, reject) => {
    request(url, { agent }, (reply) => {
      reply.resume()
      reply.on('end', () => resolve(performance.now() - startMs))
    })
      .on('error', reject)
      .end()
  })
}

describe('a scrape', () => {
  for (const workers of [1, 4])
    it(`of ${ENDPOINTS} endpoints never blocks one of ${workers} request threads over ${LONGEST_MS} ms`, async () => {
      await using upstream = await startHttpServer((_request, response) => response.end('{}'))
      await using gateway = await startGateway(
        {
          extra_config: { router: { disable_access_log: true } },
          endpoints: Array.from({ length: ENDPOINTS }, (_none, at) => ({
            endpoint: `/e${at}`,
            backend: [{ host: [upstream.url], url_pattern: '/' }],
          })),
        },
        { workers, admin: true },
      )
      const warm = new Agent({ keepAlive: true, maxSockets: 8 })
      await Promise.all(
        Array.from({ length: ENDPOINTS }, (_none, at) => probe(warm, `${gateway.url}/e${at}`)),
      )
      warm.destroy()
      // Connections are spread over the threads by their ports: a dozen reach all of them.
      const agents = Array.from(
        { length: CONNECTIONS },
        () => new Agent({ keepAlive: true, maxSockets: 1 }),
      )
      for (const agent of agents) await probe(agent, `${gateway.url}/__health`)

      // A machine that is busy makes some rounds slow; a scrape that blocks makes all of them slow.
      let best = Number.POSITIVE_INFINITY
      let probes = 0
      for (let round = 0; round < ROUNDS && best > LONGEST_MS / 2; round++) {
        let isOver = false
        const scraped = fetch(`${gateway.adminUrl}/metrics`)
          .then((reply) => reply.text())
          .finally(() => {
            isOver = true
          })
        let longest = 0
        let count = 0
        for (let at = 0; !isOver || count < CONNECTIONS; at++, count++)
          longest = Math.max(
            longest,
            await probe(agents[at % CONNECTIONS] as Agent, `${gateway.url}/__health`),
          )
        const text = await scraped
        assert.ok(text.includes(`endpoint="/e${ENDPOINTS - 1}"`))
        best = Math.min(best, longest)
        probes = Math.max(probes, count)
      }
      for (const agent of agents) agent.destroy()
      assert.ok(best <= LONGEST_MS, `every scrape held a request for ${best} ms or more`)
      assert.ok(probes >= CONNECTIONS)
    })
})
