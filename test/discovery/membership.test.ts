import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type GracefulUpstream, startGracefulUpstream } from '../support/graceful-upstream.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'
import { runWrk } from '../support/wrk.ts'

const LOAD_SECONDS = process.env['TEST_LONG'] === '1' ? 30 : 10
const { skip } = serverOrSkip('wrk')

/** Hosts in a file that is replaced whole, as people's tools do it. */
async function writeHosts(dir: string, upstreams: readonly GracefulUpstream[]): Promise<void> {
  const next = path.join(dir, 'hosts.next')
  await writeFile(next, JSON.stringify({ orders: upstreams.map(({ url }) => url) }))
  await rename(next, path.join(dir, 'hosts.json'))
}

const config = (method: string, discovery: object) => ({
  extra_config: { 'discovery/file': { path: './hosts.json', interval: '100ms' } },
  endpoints: [
    {
      endpoint: '/orders',
      method,
      backend: [
        {
          sd: 'file',
          host: ['orders'],
          url_pattern: '/',
          method,
          extra_config: { 'backend/discovery': discovery },
        },
      ],
    },
  ],
})

describe('under load', { skip }, () => {
  const upstreams: GracefulUpstream[] = []
  before(async () => {
    for (let count = 0; count < 10; count++) upstreams.push(await startGracefulUpstream())
  })
  after(() => {
    for (const upstream of upstreams) upstream.stop()
  })
  const served = () => upstreams.reduce((sum, upstream) => sum + upstream.served(), 0)

  for (const workers of [1, 4]) {
    test(`instances come and go without a failed request, with ${workers} request threads`, async () => {
      await using gateway = await startGateway(config('GET', {}) as never, {
        workers,
        files: { 'hosts.json': JSON.stringify({ orders: upstreams.map(({ url }) => url) }) },
      })
      const before = served()
      const url = `${gateway.url}/orders`
      let isOver = false
      let changes = 0
      const load = runWrk({ url, seconds: LOAD_SECONDS, connections: 32 }).finally(() => {
        isOver = true
      })
      while (!isOver) {
        changes++
        const left = changes % 10
        await writeHosts(
          gateway.dir,
          upstreams.filter((_, at) => at !== left && at !== (left + 5) % 10),
        )
        await wait(200)
      }
      const { requests, non2xx, socketErrors } = await load
      assert.deepEqual([non2xx, socketErrors], [0, 0])
      assert.ok(changes > LOAD_SECONDS * 3, `${changes} changes`)
      // wrk leaves what is under way at the end: at most one request a connection.
      const more = served() - before - requests
      assert.ok(more >= 0 && more <= 32, `${more} more upstream than wrk counted`)
    })
  }

  for (const workers of [1, 4]) {
    test(`ten instances become four under POST load, with ${workers} request threads`, async () => {
      const ten = await Promise.all(upstreams.map(() => startGracefulUpstream()))
      const discovery = { policy: { guard: { confirmations: 1000, hold: '3s' } } }
      await using gateway = await startGateway(config('POST', discovery) as never, {
        workers,
        admin: true,
        files: { 'hosts.json': JSON.stringify({ orders: ten.map(({ url }) => url) }) },
      })
      const load = runWrk({
        url: `${gateway.url}/orders`,
        seconds: 6,
        connections: 32,
        method: 'POST',
        body: '{"order":1}',
      })
      await wait(1500)
      for (const upstream of ten.slice(4)) upstream.leave()
      await writeHosts(gateway.dir, ten.slice(0, 4))
      await wait(1000)
      const during = await lists(gateway.adminUrl)
      const { non2xx, socketErrors } = await load
      const afterwards = await lists(gateway.adminUrl)
      for (const upstream of ten) upstream.stop()

      assert.deepEqual([non2xx, socketErrors], [0, 0])
      assert.equal(during.is_holding, true)
      assert.equal(during.hosts.length, 10)
      assert.equal(afterwards.hosts.length, 4)
      assert.match(gateway.output(), /guard: kept 6 of 10 instances that this answer would remove/)
    })
  }
})

type Listed = { readonly is_holding?: boolean; readonly hosts: readonly object[] }

async function lists(adminUrl: string): Promise<Listed> {
  const reply = await fetch(`${adminUrl}/discovery`)
  const { subscriptions } = (await reply.json()) as { subscriptions: Listed[] }
  return subscriptions[0] ?? assert.fail('no list')
}
