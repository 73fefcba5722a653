import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import type { Logger } from '../telemetry/log.ts'
import { metricsHub } from '../telemetry/metrics-hub.ts'
import { type AdminOptions, adminListener } from './admin-listener.ts'
import { adminRoutes, type Health } from './routes.ts'

const closings: (() => unknown)[] = []
after(() => Promise.all(closings.map((close) => close())))

async function started(options: Partial<AdminOptions> = {}, health: Health = { state: 'ready' }) {
  const warnings: string[] = []
  const log: Logger = {
    debug() {},
    info() {},
    warning: (...words) => warnings.push(words.join(' ')),
    error: (...words) => warnings.push(words.join(' ')),
    critical() {},
  }
  const metrics = metricsHub()
  metrics.meters.gauge('gateway_connections').set(3)
  const listener = await adminListener({
    host: '127.0.0.1',
    port: 0,
    isDefaultAddress: false,
    hosts: [],
    token: undefined,
    routes: [
      ...adminRoutes({ metrics, health: () => health, discovery: () => ({ subscriptions: [] }) }),
      { method: 'POST', path: '/change', answer: (_request, response) => void response.end('ok') },
      {
        method: 'GET',
        path: '/broken',
        answer() {
          throw new Error('a bug')
        },
      },
    ],
    log,
    ...options,
  })
  if (listener !== undefined) closings.push(listener.close)
  return { listener, port: listener?.port ?? 0, warnings }
}

type Asked = { status: number | undefined; headers: IncomingHttpHeaders; text: string }
async function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Asked> {
  const request = httpRequest({ port, host: '127.0.0.1', path, headers, method, agent: false })
  request.end()
  const [response] = await once(request, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return { status: response.statusCode, headers: response.headers, text }
}

describe('the admin listener', () => {
  it('serves metrics, with the process’s own, under whatever name it is asked', async () => {
    const { port } = await started()
    const { status, headers, text } = await ask(port, '/metrics', { host: 'gateway.shop.example' })
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    assert.match(text, /^gateway_connections 3$/m)
    assert.match(text, /^process_cpu_seconds_total /m)
  })

  it('tells health under whatever name it is asked, and readiness by its status', async () => {
    const { port } = await started({}, { state: 'starting', details: { workers: 2 } })
    const headers = { host: 'pod.cluster.local' }
    const live = await ask(port, '/health/live', headers)
    assert.equal(live.status, 200)
    assert.deepEqual(JSON.parse(live.text), { workers: 2, status: 'starting' })
    assert.equal((await ask(port, '/health/ready', headers)).status, 503)
    assert.equal((await ask(port, '/health', headers)).status, 503)
    const { port: readyPort } = await started()
    assert.equal((await ask(readyPort, '/health/ready', headers)).status, 200)
  })

  it('refuses the rest to a Host that is neither an address, localhost nor configured', async () => {
    const { port } = await started({ hosts: ['Admin.Example'] })
    const statusFor = async (host: string) => (await ask(port, '/discovery', { host })).status
    for (const host of ['127.0.0.1', '10.1.2.3:8091', '[::1]:8091', 'LOCALHOST:1', 'admin.example'])
      assert.equal(await statusFor(host), 200, host)
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example'])
      assert.equal(await statusFor(host), 403, host)
  })

  it('wants the token from everyone when there is one, but not for metrics and health', async () => {
    const { port } = await started({ token: 's3cret' })
    const statusFor = async (authorization?: string) =>
      (await ask(port, '/discovery', authorization === undefined ? {} : { authorization })).status
    assert.equal(await statusFor(), 401)
    assert.equal(await statusFor('Bearer wrong'), 401)
    assert.equal(await statusFor('Basic s3cret'), 401)
    assert.equal(await statusFor('Bearer s3cret'), 200)
    assert.equal((await ask(port, '/metrics')).status, 200)
    assert.equal((await ask(port, '/health')).status, 200)
  })

  it('serves only metrics and health over a network when there is no token', async () => {
    const open = await started({ host: '0.0.0.0' })
    assert.equal((await ask(open.port, '/metrics', { host: 'by.another.name' })).status, 200)
    assert.equal((await ask(open.port, '/health')).status, 200)
    assert.equal((await ask(open.port, '/discovery')).status, 403)
    const guarded = await started({ host: '0.0.0.0', token: 't' })
    const { status } = await ask(guarded.port, '/discovery', { authorization: 'Bearer t' })
    assert.equal(status, 200)
  })

  it('lets no page of another origin change anything', async () => {
    const { port } = await started({ token: 't' })
    const post = async (headers: Record<string, string>) =>
      (await ask(port, '/change', { authorization: 'Bearer t', ...headers }, 'POST')).status
    assert.equal(await post({}), 200)
    assert.equal(await post({ origin: `http://127.0.0.1:${port}` }), 200)
    assert.equal(await post({ origin: 'https://evil.example' }), 403)
    assert.equal(await post({ origin: 'null' }), 403)
    assert.equal(await post({ host: 'rebound.example' }), 403)
  })

  it('gives pages of other origins nothing to read either, and follows links', async () => {
    const { port } = await started()
    const statusFor = async (headers: Record<string, string>) =>
      (await ask(port, '/discovery', headers)).status
    assert.equal(await statusFor({ origin: 'https://evil.example' }), 403)
    for (const site of ['cross-site', 'same-site'])
      assert.equal(await statusFor({ 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }), 403)
    for (const site of ['same-origin', 'none'])
      assert.equal(await statusFor({ 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' }), 200)
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    assert.equal(await statusFor(link), 200)
    assert.equal((await ask(port, '/change', link, 'POST')).status, 403)
    assert.equal((await ask(port, '/health', { origin: 'https://evil.example' })).status, 200)
  })

  it('lets nobody change anything without the token, not even on this machine', async () => {
    const open = await started()
    const refused = await ask(open.port, '/change', {}, 'POST')
    assert.equal(refused.status, 403)
    assert.match(refused.text, /GATEWAY_ADMIN_TOKEN must be set/)
    const guarded = await started({ token: 't' })
    assert.equal((await ask(guarded.port, '/change', {}, 'POST')).status, 401)
    const { status } = await ask(guarded.port, '/change', { authorization: 'Bearer t' }, 'POST')
    assert.equal(status, 200)
  })

  it('leaves it to a write with a key of its own to ask for that', async () => {
    const { port } = await started({
      routes: [
        {
          method: 'POST',
          path: '/keyed',
          isOpen: true,
          answer: (_request, response) => void response.writeHead(401).end(),
        },
      ],
    })
    assert.equal((await ask(port, '/keyed', {}, 'POST')).status, 401)
  })

  it('answers unknown paths, other methods and bugs with a status', async () => {
    const { port, warnings } = await started()
    assert.equal((await ask(port, '/nothing?x=1')).status, 404)
    const other = await ask(port, '/metrics', {}, 'DELETE')
    assert.equal(other.status, 405)
    assert.equal(other.headers.allow, 'GET')
    assert.equal((await ask(port, '/health?verbose')).status, 200)
    assert.equal((await ask(port, '/health', {}, 'HEAD')).text, '')
    assert.equal((await ask(port, '/broken')).status, 500)
    assert.match(warnings.join('\n'), /\/broken.*a bug/)
  })

  it('warns and does without when the default address is taken, and fails on a chosen one', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    closings.push(() => taken.close())
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { listener, warnings } = await started({ port, isDefaultAddress: true })
    assert.equal(listener, undefined)
    assert.match(warnings[0] ?? '', /is taken/)
    await assert.rejects(started({ port }), /cannot listen on 127\.0\.0\.1:[0-9]+: .*EADDRINUSE/)
  })

  it('survives garbage, header bombs and scrapers that hang up', async () => {
    const { port } = await started()
    const send = async (bytes: string) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.write(bytes)
      await new Promise((resolve) => socket.on('close', resolve))
      return answer
    }
    assert.match(await send('\x00\xff garbage\r\n\r\n'), /^HTTP\/1\.1 400 /)
    const bomb = `GET /metrics HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}\r\n\r\n`
    assert.match(await send(bomb), /^(HTTP\/1\.1 431 |$)/)
    assert.match(await send('GET /discovery HTTP/1.1\r\nHost:\r\n\r\n'), /^HTTP\/1\.1 403 /)
    assert.match(await send('GET /discovery HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 403 /)
    const hungUp = connect(port, '127.0.0.1')
    hungUp.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(hungUp, 'connect')
    hungUp.destroy()
    assert.equal((await ask(port, '/health')).status, 200)
  })
})
