import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type HttpServer, startHttpServer } from '../support/http-server.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'
import { runWrk } from '../support/wrk.ts'

const prometheus = serverOrSkip('prometheus')
const wrk = serverOrSkip('wrk')
const API = 'http://127.0.0.1:9270/api/v1/query'
const LIMIT_MS = 15_000

/** The value of the one series that `query` finds; `undefined` without any. */
async function ask(query: string): Promise<number | undefined> {
  const reply = await fetch(`${API}?query=${encodeURIComponent(query)}`)
  const body = (await reply.json()) as { data: { result: { value: [number, string] }[] } }
  const value = body.data.result[0]?.value[1]
  return value === undefined ? undefined : Number(value)
}

async function until(query: string, isGood: (value: number) => boolean): Promise<number> {
  let last: number | undefined
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += 200) {
    last = await ask(query)
    if (last !== undefined && isGood(last)) return last
    await wait(200)
  }
  throw new Error(`${query} stayed ${last}`)
}

describe('the real Prometheus', { skip: prometheus.skip || wrk.skip }, () => {
  let upstream: HttpServer
  before(async () => {
    upstream = await startHttpServer((_request, response) => response.end('{"ok":true}'))
  })
  after(async () => {
    await upstream.close()
    await prometheus.stop()
  })

  for (const workers of [1, 4])
    it(`scrapes a gateway under load with ${workers} request threads and answers its rates`, async () => {
      await using gateway = await startGateway(
        {
          extra_config: { router: { disable_access_log: true } },
          endpoints: [
            {
              endpoint: '/users/{id}',
              backend: [{ host: [upstream.url], url_pattern: '/u/{id}' }],
            },
          ],
        },
        { workers, admin: true },
      )
      await prometheus.stop()
      await prometheus.start(undefined, { TARGET_PORT: new URL(gateway.adminUrl).port })
      // Its first scrape comes some seconds after its start.
      await until('up{job="gateway"}', (up) => up === 1)
      const load = runWrk({ url: `${gateway.url}/users/1`, seconds: 5, connections: 16 })
      const where = '{endpoint="/users/{id}",method="GET"'
      const seen = await until(
        `sum(rate(gateway_requests_total${where},status="200"}[3s]))`,
        (rate) => rate > 0,
      )
      const busy = await ask(`gateway_requests_in_flight`)
      const result = await load
      assert.equal(result.non2xx, 0)
      // A window that load has not filled yet shows less; none shows more than was sent.
      assert.ok(seen < result.requestsPerSecond * 3, `${seen} against ${result.requestsPerSecond}`)
      assert.ok(busy !== undefined && busy >= 0 && busy <= 16)

      // wrk leaves what it has not read: at most one request a connection.
      const isAll = (count: number) => count >= result.requests && count <= result.requests + 16
      await until(`sum(gateway_requests_total${where},status="200"})`, isAll)
      await until(`sum(gateway_request_duration_seconds_count${where}})`, isAll)
      await until(`sum(gateway_backend_requests_total{outcome="success"})`, isAll)
      const p50 = await ask(
        `histogram_quantile(0.5, sum by (le) (rate(gateway_request_duration_seconds_bucket${where}}[10s])))`,
      )
      assert.ok(p50 !== undefined && p50 > 0 && p50 < 1)
      assert.equal(await ask('up{job="gateway"}'), 1)
    })
})
