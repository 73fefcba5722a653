import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import { startHttpServer } from '../support/http-server.ts'
import { startGateway } from '../support/start-gateway.ts'

const named = (name: string) =>
  startHttpServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ name }))
  })

/** One endpoint whose hosts come from a file and go by `discovery`. */
const config = (discovery: object, more: object = {}) =>
  ({
    extra_config: { 'discovery/file': { path: './hosts.json', interval: '50ms' } },
    endpoints: [
      {
        endpoint: '/who',
        backend: [
          {
            sd: 'file',
            host: ['orders'],
            url_pattern: '/',
            extra_config: { 'backend/discovery': discovery, ...more },
          },
        ],
      },
    ],
  }) as never

const hosts = (...urls: readonly string[]) => JSON.stringify({ orders: urls })
const who = async (url: string) => {
  const reply = await fetch(`${url}/who`)
  return reply.status === 200 ? ((await reply.json()) as { name: string }).name : reply.status
}

/** Asks until the answer is as wanted: lists change a moment after their file. */
async function until(wanted: unknown, ask: () => Promise<unknown>): Promise<void> {
  let last: unknown
  for (let attempt = 0; attempt < 100; attempt++) {
    last = await ask()
    if (last === wanted) return
    await wait(50)
  }
  assert.equal(last, wanted)
}

describe('discovery, as a whole', () => {
  test('falls back to the chain while the registry knows nobody, and returns by itself', async () => {
    await using own = await named('own')
    await using standIn = await named('stand-in')
    const chain = [{ sd: 'static', host: [standIn.url] }]
    await using gateway = await startGateway(
      config({ chain, policy: { on_not_found: 'fallback' } }),
      { files: { 'hosts.json': '{}' } },
    )
    const file = path.join(gateway.dir, 'hosts.json')
    assert.equal(await who(gateway.url), 'stand-in')
    await writeFile(file, hosts(own.url))
    await until('own', () => who(gateway.url))
    await writeFile(file, '{}')
    await until('stand-in', () => who(gateway.url))
    await writeFile(file, 'no JSON at all')
    await wait(300)
    assert.equal(await who(gateway.url), 'stand-in')
  })

  test('serves after a restart with the registry gone, from the snapshot file, and is ready', async () => {
    await using own = await named('own')
    const kept = path.join(os.tmpdir(), `snapshot-${process.pid}-${Date.now()}.json`)
    const discovery = { policy: { snapshot_file: kept } }
    await using first = await startGateway(config(discovery), {
      files: { 'hosts.json': hosts(own.url) },
    })
    assert.equal(await who(first.url), 'own')
    assert.equal(await first.stop(), 0)
    await using second = await startGateway(config(discovery), { admin: true })
    try {
      assert.equal((await fetch(`${second.adminUrl}/health/ready`)).status, 200)
      assert.equal(await who(second.url), 'own')
      const { subscriptions } = (await (await fetch(`${second.adminUrl}/discovery`)).json()) as {
        subscriptions: { state: string }[]
      }
      assert.equal(subscriptions[0]?.state, 'stale')
    } finally {
      await rm(kept, { force: true })
    }
  })

  test('is not ready before a first answer', async () => {
    await using own = await named('own')
    await using gateway = await startGateway(config({}), { admin: true })
    const ready = async () => (await fetch(`${gateway.adminUrl}/health/ready`)).status
    await until(503, ready)
    assert.equal((await fetch(`${gateway.adminUrl}/health/live`)).status, 200)
    await writeFile(path.join(gateway.dir, 'hosts.json'), hosts(own.url))
    await until(200, ready)
  })

  for (const workers of [1, 4]) {
    test(`sends any request to the next host when one refuses connections, with ${workers} threads`, async () => {
      await using own = await named('own')
      const refusing = `http://127.0.0.1:${await freePort()}`
      await using gateway = await startGateway(config({}), {
        workers,
        files: { 'hosts.json': hosts(refusing, own.url) },
      })
      for (let call = 0; call < 20; call++) assert.equal(await who(gateway.url), 'own')
    })

    test(`takes a failing host out in all threads, with ${workers}`, async () => {
      await using own = await named('own')
      let calls = 0
      await using failing = await startHttpServer((_request, response) => {
        calls++
        response.writeHead(500).end()
      })
      const health = { consecutive_failures: 3, ejection_time: '1m' }
      await using gateway = await startGateway(config({ health }), {
        workers,
        admin: true,
        files: { 'hosts.json': hosts(failing.url, own.url) },
      })
      for (let call = 0; call < 60; call++) await who(gateway.url)
      const before = calls
      await wait(150)
      for (let call = 0; call < 40; call++) assert.equal(await who(gateway.url), 'own')
      assert.equal(calls, before)
      const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      assert.match(metrics, /gateway_discovery_ejections_total\{name="orders"\} 1\n/)
      assert.match(metrics, /gateway_discovery_hosts\{name="orders",state="ejected"\} 1\n/)
      assert.match(metrics, /gateway_discovery_hosts\{name="orders",state="up"\} 1\n/)
      const shown = await (await fetch(`${gateway.adminUrl}/discovery`)).text()
      assert.equal(shown.match(/"ejected_until":"/g)?.length, 1)
    })

    test(`asks written hosts, too, whether they are well, once for ${workers} threads`, async () => {
      let isWell = true
      const pings: string[] = []
      const answering = (name: string) =>
        startHttpServer((request, response) => {
          const isPing = request.url === '/ping'
          if (isPing) pings.push(`${name} ${request.headers.authorization}`)
          response.writeHead(isPing && name === 'other' && !isWell ? 500 : 200, {
            'content-type': 'application/json',
          })
          response.end(JSON.stringify({ name }))
        })
      await using own = await answering('own')
      await using other = await answering('other')
      const health = { active: { path: '/ping', interval: '200ms' } }
      const host = [own.url.replace('//', '//shop:s3cret@'), other.url]
      const extra_config = { 'backend/discovery': { health } }
      const backend = { host, disable_host_sanitize: true, url_pattern: '/', extra_config }
      await using gateway = await startGateway(
        { endpoints: [{ endpoint: '/who', backend: [backend] }] } as never,
        { workers, admin: true },
      )
      const both = async () => new Set([await who(gateway.url), await who(gateway.url)]).size
      assert.equal(await both(), 2)
      isWell = false
      await until(1, both)
      assert.equal(await who(gateway.url), 'own')
      const asked = pings.length
      await wait(1000)
      // Every 150 to 250 ms each; four threads of their own would ask four times as often.
      assert.ok(pings.length - asked <= 2 * 8, `${pings.length - asked} in a second`)
      const basic = `Basic ${Buffer.from('shop:s3cret').toString('base64')}`
      assert.deepEqual(new Set(pings), new Set([`own ${basic}`, 'other undefined']))
      const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      assert.match(metrics, /gateway_discovery_hosts\{name="[^"]+",state="down"\} 1\n/)
      const shown = await (await fetch(`${gateway.adminUrl}/discovery`)).text()
      assert.match(shown, /answered 500/)
      for (const text of [metrics, shown, gateway.output()])
        assert.equal(text.includes('s3cret'), false)
      isWell = true
      await until(2, both)
    })
  }

  test('takes out whom active checks find down, and back in', async () => {
    let isWell = true
    await using own = await named('own')
    await using other = await startHttpServer((request, response) => {
      response.writeHead(request.url === '/ping' && !isWell ? 500 : 200, {
        'content-type': 'application/json',
      })
      response.end('{"name":"other"}')
    })
    const health = { active: { path: '/ping', interval: '50ms' } }
    await using gateway = await startGateway(config({ health }), {
      files: { 'hosts.json': hosts(own.url, other.url) },
    })
    const both = async () => new Set([await who(gateway.url), await who(gateway.url)]).size
    assert.equal(await both(), 2)
    isWell = false
    await until(1, both)
    assert.equal(await who(gateway.url), 'own')
    isWell = true
    await until(2, both)
    assert.equal(await gateway.stop(), 0)
  })

  test('sends the whole body to the next host, small, large, or of unknown length', async () => {
    const sizes: number[] = []
    await using own = await startHttpServer(async (request, response) => {
      let size = 0
      for await (const chunk of request) size += (chunk as Buffer).length
      sizes.push(size)
      response.setHeader('content-type', 'application/json')
      response.end('{"name":"own"}')
    })
    const refusing = `http://127.0.0.1:${await freePort()}`
    const backend = { sd: 'file', host: ['orders'], url_pattern: '/', method: 'POST' }
    await using gateway = await startGateway(
      {
        extra_config: { 'discovery/file': { path: './hosts.json' } },
        endpoints: [{ endpoint: '/who', method: 'POST', backend: [backend] }],
      } as never,
      { files: { 'hosts.json': hosts(refusing, own.url) } },
    )
    const post = async (body: string | ReadableStream) =>
      (await fetch(`${gateway.url}/who`, { method: 'POST', body, duplex: 'half' } as never)).status
    for (let call = 0; call < 4; call++) {
      assert.equal(await post('x'.repeat(10)), 200)
      assert.equal(await post('x'.repeat(300_000)), 200)
      assert.equal(await post(new Blob(['x'.repeat(300_000)]).stream()), 200)
    }
    assert.deepEqual(sizes, Array.from({ length: 4 }, () => [10, 300_000, 300_000]).flat())
  })

  test('repeats what backend/retry lists', async () => {
    let calls = 0
    await using upstream = await startHttpServer((_request, response) => {
      calls++
      response.writeHead(calls % 3 === 0 ? 200 : 503, { 'content-type': 'application/json' })
      response.end('{"name":"third time"}')
    })
    await using gateway = await startGateway(config({}, { 'backend/retry': { max: 2 } }), {
      files: { 'hosts.json': hosts(upstream.url) },
    })
    assert.equal(await who(gateway.url), 'third time')
    assert.equal(calls, 3)
  })

  test('follows an operator who has the token', async () => {
    await using own = await named('own')
    await using other = await named('other')
    await using gateway = await startGateway(config({}), {
      admin: true,
      env: { GATEWAY_ADMIN_TOKEN: 'open-sesame' },
      files: { 'hosts.json': hosts(own.url) },
    })
    const headers = { authorization: 'Bearer open-sesame' }
    const pin = { name: 'orders', kind: 'pin', hosts: [other.url], for: '1m' }
    const post = (given: Record<string, string>) =>
      fetch(`${gateway.adminUrl}/discovery/overrides`, {
        method: 'POST',
        body: JSON.stringify(pin),
        headers: given,
      })
    assert.equal((await post({})).status, 401)
    assert.equal(await who(gateway.url), 'own')
    const { id } = (await (await post(headers)).json()) as { id: string }
    await until('other', () => who(gateway.url))
    await writeFile(path.join(gateway.dir, 'hosts.json'), hosts(own.url, own.url))
    await wait(200)
    assert.equal(await who(gateway.url), 'other')
    await fetch(`${gateway.adminUrl}/discovery/overrides?id=${id}`, { method: 'DELETE', headers })
    await until('own', () => who(gateway.url))
  })

  test('prints no secret anywhere, also when a registry repeats it', async () => {
    const token = 'hunter2-consul-token'
    const password = 'hunter2-password'
    await using consul = await startHttpServer((request, response) => {
      response.writeHead(403).end(`who is ${request.headers['x-consul-token']}? ${password}`)
    })
    const address = consul.url.replace('://', `://admin:${password}@`)
    const endpoint = {
      endpoint: '/who',
      backend: [{ sd: 'consul', host: ['orders'], url_pattern: '/' }],
    }
    await using gateway = await startGateway(
      {
        extra_config: {
          'discovery/consul': { address, token },
          'telemetry/logging': { level: 'DEBUG', stdout: true },
        },
        endpoints: [endpoint],
      } as never,
      { admin: true },
    )
    await until(true, async () => gateway.output().includes('403'))
    const pages = ['/discovery', '/metrics', '/health'].map(async (page) =>
      (await fetch(gateway.adminUrl + page)).text(),
    )
    const printed = [gateway.output(), ...(await Promise.all(pages))].join('\n')
    assert.match(printed, /who is \*\*\*/)
    assert.doesNotMatch(printed, /hunter2/)
  })

  test('does not start with a policy that cannot work', async () => {
    const starting = startGateway(config({ policy: { max_stale: 'soon' } }), {
      files: { 'hosts.json': hosts('http://a') },
    })
    await assert.rejects(starting, /endpoints\[0\]\.backend\[0\].*policy\.max_stale/)
  })
})
