import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { createServer } from 'node:net'
import path from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { launchGateway } from '../support/gateway-process.ts'
import { startHttpServer } from '../support/http-server.ts'
import { rawConnection } from '../support/raw-connection.ts'
import { type RunningGateway, startGateway } from '../support/start-gateway.ts'

const DYING = path.resolve(import.meta.dirname, '../fixtures/dying-threads.mjs')
const skip = process.platform === 'linux' ? false : 'threads share a port on Linux only'
const env = { NODE_OPTIONS: `--import=${DYING}` }

async function metric(gateway: RunningGateway, name: string): Promise<number> {
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1])
}
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(50)
}
/** The status, or 0 for a connection that broke. */
const statusOf = (url: string, agent: Agent): Promise<number> =>
  new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.on('error', () => resolve(0))
      response.on('end', () => resolve(response.statusCode ?? 0)).resume()
    }).on('error', () => resolve(0))
  })
/** Kills the oldest thread and waits until another listens in its place. */
async function killThread(gateway: RunningGateway, number: number): Promise<void> {
  gateway.process.child.kill('SIGUSR2')
  await until(() => gateway.output().includes(`[THREAD ${number}] is replaced`))
}

describe('request threads', { skip }, () => {
  test('one that dies mid-storm is replaced: others serve on, nothing stays in flight', async () => {
    await using upstream = await startHttpServer((_request, response) => {
      setTimeout(() => response.end('{"ok":true}'), 5)
    })
    await using gateway = await startGateway(
      { endpoints: [{ endpoint: '/x', backend: [{ host: [upstream.url], url_pattern: '/x' }] }] },
      { workers: 4, admin: true, env },
    )
    const agent = new Agent({ keepAlive: true, maxSockets: 32 })
    const statuses = new Map<number, number>()
    let isOver = false
    const client = async () => {
      while (!isOver) {
        const status = await statusOf(`${gateway.url}/x`, agent)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const clients = Array.from({ length: 32 }, client)
    await wait(300)
    await killThread(gateway, 1)
    await wait(300)
    await killThread(gateway, 2)
    await wait(1500)
    isOver = true
    await Promise.all(clients)
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status !== 0 && status !== 200),
      [],
    )
    assert.ok((statuses.get(200) ?? 0) > 500, `${statuses.get(200)} answered`)
    // What was on the threads that died: at most one request for each connection and death.
    assert.ok((statuses.get(0) ?? 0) <= 64, `${statuses.get(0)} lost`)
    await until(async () => (await metric(gateway, 'gateway_requests_in_flight')) === 0)
    agent.destroy()
    const fresh = new Agent({ keepAlive: false })
    for (let count = 0; count < 100; count++)
      assert.equal(await statusOf(`${gateway.url}/x`, fresh), 200)
    assert.equal(await gateway.stop(), 0)
  })

  test('a limit of the process stays exact when threads die', async () => {
    await using upstream = await startHttpServer((_request, response) => response.end('{}'))
    const extra = { 'qos/ratelimit/router': { max_rate: 50, every: '10m', capacity: 50 } }
    const backend = [{ host: [upstream.url], url_pattern: '/x' }]
    await using gateway = await startGateway(
      { endpoints: [{ endpoint: '/x', backend, extra_config: extra }] },
      { workers: 4, env },
    )
    const agent = new Agent({ keepAlive: false })
    const storm = async (count: number) =>
      Promise.all(Array.from({ length: count }, () => statusOf(`${gateway.url}/x`, agent)))
    const before = await storm(20)
    await killThread(gateway, 1)
    await killThread(gateway, 2)
    await until(async () => !(await storm(8)).includes(0))
    const after = [...before, ...(await storm(100))]
    assert.equal(before.filter((status) => status === 200).length, 20)
    assert.ok(after.filter((status) => status === 200).length <= 50)
    assert.deepEqual(
      (await storm(20)).filter((status) => status === 200),
      [],
    )
  })

  test('bodies that a dead thread held no longer count', async () => {
    await using upstream = await startHttpServer((_request, response) =>
      response.end('{"ok":true}'),
    )
    const backend = { host: [upstream.url], url_pattern: '/x' }
    await using gateway = await startGateway(
      {
        timeout: '20s',
        endpoints: [
          { endpoint: '/m', method: 'POST', backend: [backend, { ...backend, group: 'b' }] },
        ],
      },
      {
        workers: 1,
        env,
        args: ['--max-request-bytes', '1000000', '--max-request-bytes-total', '1000000'],
      },
    )
    const post = () => fetch(`${gateway.url}/m`, { method: 'POST', body: 'x'.repeat(900_000) })
    const holding = await rawConnection(gateway.port)
    await holding.send('POST /m HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n')
    await holding.send('x'.repeat(800_000))
    await wait(200)
    assert.equal((await post()).status, 413)
    await killThread(gateway, 1)
    await holding.closed()
    await until(
      async () =>
        (await post().then(
          (response) => response.status,
          () => 0,
        )) !== 0,
    )
    assert.equal((await post()).status, 200)
  })

  test('a second gateway on a taken port fails and says so', async () => {
    const config = { endpoints: [] }
    await using first = await startGateway(config, { workers: 4 })
    const other = launchGateway({
      args: ['run', '-c', path.join(first.dir, 'krakend.json')],
      dir: first.dir,
      workers: 4,
    })
    assert.equal(await other.exited, 1)
    assert.match(other.output(), new RegExp(`port ${first.port} is already in use`))
    assert.equal((await fetch(`${first.url}/__health`)).status, 200)
  })

  test('a port that another program listens on fails the start as well', async () => {
    await using gateway = await startGateway({ endpoints: [] })
    await gateway.stop()
    const taken = createServer().listen(gateway.port)
    const other = launchGateway({
      args: ['run', '-c', path.join(gateway.dir, 'krakend.json')],
      dir: gateway.dir,
    })
    assert.equal(await other.exited, 1)
    assert.match(other.output(), /already in use/)
    taken.close()
  })
})

describe('shutdown', () => {
  test('SIGTERM lets running requests finish and exits 0', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    await using upstream = await startHttpServer((_request, response) => {
      begin()
      setTimeout(() => response.end('{"ok":true}'), 500)
    })
    await using gateway = await startGateway({
      endpoints: [{ endpoint: '/x', backend: [{ host: [upstream.url], url_pattern: '/x' }] }],
    })
    const answer = fetch(`${gateway.url}/x`)
    const idle = await rawConnection(gateway.port)
    await begun
    const stopped = gateway.stop()
    assert.equal((await answer).status, 200)
    assert.equal(await stopped, 0)
    await idle.closed()
  })

  test('max_shutdown_wait_time ends what takes longer', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    await using upstream = await startHttpServer(() => begin())
    await using gateway = await startGateway({
      timeout: '60s',
      max_shutdown_wait_time: '300ms',
      endpoints: [{ endpoint: '/x', backend: [{ host: [upstream.url], url_pattern: '/x' }] }],
    })
    const answer = fetch(`${gateway.url}/x`).then(
      ({ status }) => status,
      () => 0,
    )
    await begun
    const startMs = performance.now()
    assert.equal(await gateway.stop(), 0)
    assert.ok(performance.now() - startMs < 5000)
    assert.notEqual(await answer, 200)
  })
})
