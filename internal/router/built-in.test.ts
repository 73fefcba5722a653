import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { ClientRequest } from '../pipe/pipe.ts'
import type { Logger } from '../telemetry/log.ts'
import { unrouted } from './built-in.ts'
import { builtInRoutes, optionsRoutes } from './built-in-routes.ts'
import { goTime } from './go-time.ts'
import { readBody } from './read-body.ts'
import { buildRouter } from './router.ts'

const deadline = () => new DeadlineWheel().start(performance.now())
const request = (changes: Partial<ClientRequest> = {}): ClientRequest => ({
  method: 'GET',
  path: '/',
  rawQuery: '',
  headers: [],
  host: 'gw:8080',
  peerAddress: '127.0.0.1',
  clientAddress: '127.0.0.1',
  isEncrypted: false,
  params: {},
  body: undefined,
  ...changes,
})
const ROUTER = {
  hideVersionHeader: false,
  errorBody404: undefined,
  errorBody405: undefined,
  autoOptions: true,
}
const JSON_TYPE = ['Content-Type', 'application/json; charset=utf-8']
const FAILED = ['X-Krakend', 'Version 2.13.8', 'X-Krakend-Completed', 'false']

const lines: string[] = []
const note = (...words: readonly unknown[]) => void lines.push(words.join(' '))
const log: Logger = { debug: note, info: note, warning: note, error: note, critical: note }
const service = {
  router: { ...ROUTER, disableHealth: false, healthPath: '/alive' } as never,
  debugEndpoint: true,
  echoEndpoint: true,
}
const router = buildRouter(
  builtInRoutes(service, { log, agents: () => ({}), now: () => 1.8e12, uptime: () => 1500 }),
  {
    disableRest: false,
    redirectTrailingSlash: true,
    redirectFixedPath: true,
    handleMethodNotAllowed: true,
    removeExtraSlash: false,
  },
)
async function ask(changes: Partial<ClientRequest>) {
  const sent = request(changes)
  const found = router.find(sent.method, sent.path)
  assert.ok(found.kind === 'route')
  return found.value({ ...sent, params: found.params }, deadline())
}

describe('a built-in endpoint', () => {
  it('health says ok, the time and the agents', async () => {
    const reply = await ask({ path: '/alive' })
    assert.deepEqual(reply, {
      status: 200,
      headers: JSON_TYPE,
      body: '{"agents":{},"now":"2027-01-15 08:00:00 +0000 UTC m=+1.500000000","status":"ok"}',
    })
  })
  it('is absent when not asked for', () => {
    const off = {
      ...service,
      debugEndpoint: false,
      echoEndpoint: false,
      router: { disableHealth: true } as never,
    }
    assert.deepEqual(
      builtInRoutes(off, { log, agents: () => ({}), now: () => 0, uptime: () => 0 }),
      [],
    )
  })
  it('debug logs and answers pong to any method', async () => {
    lines.length = 0
    const reply = await ask({
      method: 'PATCH',
      path: '/__debug/a',
      rawQuery: 'x=1',
      body: Buffer.from('hi'),
    })
    assert.deepEqual([reply.headers, reply.body], [JSON_TYPE, '{"message":"pong"}'])
    assert.ok(lines.includes('[ENDPOINT: /__debug/*] URL: /__debug/a?x=1'))
    assert.ok(lines.includes('[ENDPOINT: /__debug/*] Body: hi'))
  })
  it('echo answers with what it received', async () => {
    const reply = await ask({
      method: 'POST',
      path: '/__echo/h%C3%A9llo',
      rawQuery: 'a=1&b=2&a=3',
      headers: [
        'Host',
        'gw:8080',
        'x-list',
        'one',
        'X-List',
        '<two>',
        'transfer-encoding',
        'chunked',
        'accept',
        '*/*',
      ],
      body: Buffer.from('{"total":12.5}'),
    })
    assert.doesNotMatch(String(reply.body), /[<>]/)
    const parsed: unknown = JSON.parse(String(reply.body))
    assert.deepEqual(parsed, {
      req_uri: '/__echo/h%C3%A9llo?a=1&b=2&a=3',
      req_uri_details: {
        fragment: '',
        host: 'gw:8080',
        path: '/__echo/héllo',
        query: 'a=1&a=3&b=2',
        user: '',
      },
      req_method: 'POST',
      req_querystring: { a: ['1', '3'], b: ['2'] },
      req_body: '{"total":12.5}',
      req_headers: { Accept: ['*/*'], 'X-List': ['one', '<two>'] },
    })
  })
  it('refuses a path that is still encoded after decoding', async () => {
    const { status, body } = await ask({ path: '/__debug/a%252Fb' })
    assert.deepEqual([status, body], [400, 'error: encoded url params'])
  })
  it('refuses a body that it would not hold with 413', async () => {
    const { status } = await ask({ path: '/__echo/', body: Buffer.alloc((8 << 20) + 1) })
    assert.equal(status, 413)
  })
  it('without its slash is redirected', () => {
    assert.deepEqual(router.find('GET', '/__echo'), {
      kind: 'redirect',
      path: '/__echo/',
      isTrailingSlash: true,
    })
  })
})

describe('a request without a route', () => {
  const answer = unrouted(ROUTER)
  it('is a plain 404 or a 405 with Allow', () => {
    assert.deepEqual(answer(request(), { kind: 'not-found' }), {
      status: 404,
      headers: [...FAILED, 'Content-Type', 'text/plain'],
      body: '404 page not found',
    })
    assert.deepEqual(answer(request(), { kind: 'method-not-allowed', allow: 'GET, PUT' }), {
      status: 405,
      headers: ['Allow', 'GET, PUT', ...FAILED, 'Content-Type', 'text/plain'],
      body: '405 method not allowed',
    })
  })
  it('is the JSON of error_body', () => {
    const own = unrouted({ ...ROUTER, errorBody404: { error: 'no' }, errorBody405: [1] })
    const missing = own(request(), { kind: 'not-found' })
    assert.deepEqual([missing.headers, missing.body], [[...FAILED, ...JSON_TYPE], '{"error":"no"}'])
    assert.equal(own(request(), { kind: 'method-not-allowed', allow: 'GET' }).body, '[1]')
  })
  it('is an empty 200 for OPTIONS *, a 404 for * otherwise', () => {
    const ofServer = (method: string) =>
      answer(request({ method, path: '*' }), { kind: 'not-found' }).status
    assert.equal(router.find('OPTIONS', '*').kind, 'not-found')
    assert.deepEqual([ofServer('OPTIONS'), ofServer('GET')], [200, 404])
  })
  it('is a 400 when its path cannot be read', () => {
    const { status, body } = answer(request(), { kind: 'bad-path' })
    assert.deepEqual([status, body], [400, '400 Bad Request'])
  })
})

describe('auto_options', () => {
  const endpoints = [
    { endpoint: '/users', method: 'PUT', index: 0 },
    { endpoint: '/users', method: 'GET', index: 1 },
    { endpoint: '/x', method: 'GET', index: 2 },
  ]
  it('answers each path with its sorted methods', async () => {
    const [users, x] = optionsRoutes(endpoints, ROUTER)
    assert.deepEqual([users?.method, users?.endpoint, x?.endpoint], ['OPTIONS', '/users', '/x'])
    assert.deepEqual(await users?.value(request(), deadline()), {
      status: 200,
      headers: ['Allow', 'GET, PUT', 'X-Krakend', 'Version 2.13.8'],
      body: undefined,
    })
  })
  it('adds no route when it is off', () => {
    assert.deepEqual(optionsRoutes(endpoints, { ...ROUTER, autoOptions: false }), [])
  })
})

describe('reading a body', () => {
  it('gives the whole of it', async () => {
    const body = Readable.from([Buffer.from('ab'), Buffer.from('c')])
    assert.equal(String(await readBody(body, 3, deadline())), 'abc')
    assert.equal((await readBody(undefined, 0, deadline())).length, 0)
  })
  it('refuses more than it may hold, held or arriving, and leaves the stream alive', async () => {
    const body = new Readable({ read() {} })
    body.push('ab')
    body.push('cd')
    await assert.rejects(readBody(body, 3, deadline()), { code: 'request-too-large', status: 413 })
    assert.equal(body.destroyed, false)
    await assert.rejects(readBody(Buffer.from('abcd'), 3, deadline()), { status: 413 })
  })
  it('fails when the client breaks off, or its time is over', async () => {
    const broken = new Readable({ read() {} })
    const failed = assert.rejects(readBody(broken, 3, deadline()), { code: 'request-body' })
    broken.destroy()
    await failed
    const late = deadline()
    const waiting = assert.rejects(readBody(new Readable({ read() {} }), 3, late), {
      code: 'canceled',
    })
    late.cancel()
    await waiting
  })
})

describe("Go's time", () => {
  it('prints no zeros at the end of a second’s fraction', () => {
    assert.equal(goTime(1.8e12, 0), '2027-01-15 08:00:00 +0000 UTC m=+0.000000000')
    assert.equal(goTime(1.8e12 + 120, 2.5), '2027-01-15 08:00:00.12 +0000 UTC m=+0.002500000')
  })
})
