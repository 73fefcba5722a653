import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, describe, it, test } from 'node:test'
import { placeForTests, scopeForTests } from '../../../test/support/feature-scope.ts'
import type { Send } from '../../client/client.ts'
import { bodyOf, collect } from '../../pipe/collect.ts'
import { type Deadline, DeadlineWheel } from '../../pipe/deadline.ts'
import { headerValue } from '../../pipe/headers.ts'
import { bodyHolder } from '../../pipe/hold-body.ts'
import type {
  ClientRequest,
  DataResponse,
  Handler,
  JsonObject,
  ProxyRequest,
  StreamResponse,
} from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { clientPlugin } from './http-client.ts'
import { serverPlugins } from './http-server.ts'
import { loadPlugin } from './load-plugin.ts'
import { endpointModifiers } from './req-resp-modifier.ts'

const EXAMPLES = path.resolve(import.meta.dirname, '../../../configs/plugins')
const folder = mkdtempSync(path.join(os.tmpdir(), 'plugins-'))
after(() => rmSync(folder, { recursive: true }))

/** A plugin of the test's own: `code` is its default export. */
function write(name: string, code: string): void {
  writeFileSync(path.join(folder, `${name}.ts`), `export default { name: '${name}', ${code} }\n`)
}
write(
  'bad-headers',
  `requestModifier: () => (r) => ({ ...r, headers: { 'X-A': ['a\\r\\nX-B: b'] } })`,
)
write('bad-name', `requestModifier: () => (r) => ({ ...r, headers: { 'X A': ['a'] } })`)
write('bad-body', `requestModifier: () => (r) => ({ ...r, body: 7 })`)
write('bad-data', `responseModifier: () => (r) => ({ ...r, data: [] })`)
write('throws', `requestModifier: () => () => { throw new Error('broken') }`)
write('throws-nothing', `requestModifier: () => () => { throw undefined }`)
write(
  'hangs',
  `requestModifier: () => () => new Promise(() => {}), httpServer: () => () => new Promise(() => {}), httpClient: () => () => new Promise(() => {})`,
)
write(
  'slow-after',
  `httpServer: () => async (r, next) => { await next(r); return new Promise(() => {}) }`,
)
const pause = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}))`
write('slow-before', `httpServer: () => async (r, next) => { ${pause(100)}; return next(r) }`)
write(
  'pauses',
  `httpServer: () => async (r, next) => { ${pause(10)}; await next(r); return next(r) }`,
)
write(
  'slow-behind',
  `httpServer: () => async (r, next) => { const reply = await next(r); ${pause(100)}; return reply }`,
)
write('refuses', `requestModifier: () => { throw new Error('no licence') }`)
write(
  'upper',
  `requestModifier: () => async (r) => ({ ...r, body: (await r.body.bytes()).toString().toUpperCase() }),
  responseModifier: () => async (r) => ({ ...r, status: 202, body: (await r.body.bytes()).toString().toUpperCase() })`,
)
write(
  'first',
  `httpServer: () => async (r, next) => { const reply = await next({ ...r, headers: { ...r.headers, 'X-Seen': [...(r.headers['X-Seen'] ?? []), 'first'] } }); return reply }`,
)
write(
  'last',
  `httpServer: () => async (r, next) => { const reply = await next({ ...r, headers: { ...r.headers, 'X-Seen': [...(r.headers['X-Seen'] ?? []), 'last'] } }); return reply }`,
)
write(
  'closed',
  `httpServer: () => () => ({ status: 451, headers: { 'Content-Type': ['text/plain'] }, body: 'closed' })`,
)

const deadline = (timeoutMs?: number): Deadline => {
  const one = new DeadlineWheel().start(performance.now())
  return timeoutMs === undefined ? one : one.limit(timeoutMs)
}
function scopeOf() {
  const { scope, warnings } = scopeForTests()
  const held = { words: new Int32Array(new SharedArrayBuffer(4)), index: 0 }
  const holder = bodyHolder({ perRequest: 1 << 20, total: 1 << 20 }, held)
  return { warnings, scope: { ...scope, holder, maxDecodeBytes: 1 << 20 } }
}
const placeIn = (plugins: string, pattern = '.ts') => ({
  ...placeForTests(),
  service: {
    plugin: { folder: plugins, pattern },
    router: { returnErrorMsg: true },
    timeoutMs: 50,
  } as never,
})

const request: ProxyRequest = {
  method: 'POST',
  host: '',
  path: '/x',
  query: ['a', '1'],
  headers: ['X-Tenant', 'acme'],
  params: { Id: '7' },
  body: Buffer.from('text'),
}
const response: DataResponse = {
  kind: 'data',
  data: { a: 1, _b: 2 },
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
}

async function modified(
  config: JsonObject,
  changes: { plugins?: string; timeoutMs?: number; answer?: DataResponse | StreamResponse } = {},
) {
  const place = placeIn(changes.plugins ?? folder)
  const extra = { 'plugin/req-resp-modifier': config }
  const [decorate] = decoratorsFor([endpointModifiers], extra, place, scopeOf().scope)
  assert(decorate)
  let seen: ProxyRequest | undefined
  const pipe = decorate((each) => {
    seen = each
    return Promise.resolve(changes.answer ?? response)
  })
  const answer = await pipe(request, deadline(changes.timeoutMs))
  return { seen, answer }
}

describe('plugin/req-resp-modifier', () => {
  it('runs the example: a tenant for backends, no private fields for clients', async () => {
    const config = { name: ['tenant'], tenant: { default: 'public' } }
    const { seen, answer } = await modified(config, { plugins: EXAMPLES })
    assert.deepEqual(seen?.query, ['a', '1', 'tenant', 'acme'])
    assert.deepEqual(seen?.body, request.body)
    assert.deepEqual(answer, { ...response, data: { a: 1 } })
    const failed = { ...response, errors: [new Error('part') as never] }
    const untouched = await modified(config, { plugins: EXAMPLES, answer: failed })
    assert.equal(untouched.answer, failed)
  })
  it('changes bodies of requests and of answers that pass through', async () => {
    const answer: StreamResponse = {
      kind: 'stream',
      status: 200,
      headers: ['Content-Length', '3', 'X-A', '1'],
      body: bodyOf(Buffer.from('abc')),
      isComplete: true,
      errors: [],
    }
    const { seen, answer: changed } = await modified({ name: 'upper' }, { answer })
    assert.equal(seen?.body?.toString(), 'TEXT')
    assert(changed.kind === 'stream')
    assert.deepEqual([changed.status, changed.headers], [202, ['X-A', '1']])
    assert.equal((await collect(changed.body, 100)).toString(), 'ABC')
  })
  it('fails its own request, in time, whatever a plugin does', async () => {
    const wrong: [string, RegExp][] = [
      ['bad-headers', /control character in the header X-A/],
      ['bad-name', /header name "X A"/],
      ['bad-body', /a body that is neither/],
      ['bad-data', /data that are no object/],
      ['throws', /\[PLUGIN: throws\] broken/],
      ['throws-nothing', /undefined/],
    ]
    for (const [name, message] of wrong)
      await assert.rejects(modified({ name }), { name: 'GatewayError', message, status: undefined })
    await assert.rejects(modified({ name: 'hangs' }, { timeoutMs: 20 }), { code: 'timeout' })
  })
  it('stops the start where a plugin is missing, refuses, or is of another kind', () => {
    const prepare = (config: JsonObject, plugins = folder, pattern = '.ts') =>
      decoratorsFor(
        [endpointModifiers],
        { 'plugin/req-resp-modifier': config },
        placeIn(plugins, pattern),
        scopeOf().scope,
      )
    for (const config of [{}, { name: [] }, { name: [7] }, { name: 'nope' }, { name: 'closed' }])
      assert.throws(() => prepare(config), { name: 'ConfigError' }, JSON.stringify(config))
    assert.throws(() => prepare({ name: 'refuses' }), /refuses.*no licence/)
    assert.throws(() => prepare({ name: 'upper' }, folder, '.so'), /no JavaScript or TypeScript/)
    assert.throws(
      () => prepare({ name: 'upper' }, '/does/not/exist'),
      /plugin\.folder: cannot be read/,
    )
  })
})

async function served(
  config: JsonObject,
  inner: Handler,
  options: { plugins?: string; timeoutMs?: number } = {},
) {
  const { scope } = scopeOf()
  const place = placeIn(options.plugins ?? folder)
  const [decorate] = decoratorsFor([serverPlugins], { 'plugin/http-server': config }, place, scope)
  assert(decorate)
  const incoming: ClientRequest = {
    method: 'GET',
    path: '/x',
    rawQuery: '',
    headers: ['x-lower', '1'],
    host: 'me',
    peerAddress: '',
    clientAddress: '',
    isEncrypted: false,
    params: {},
    body: undefined,
  }
  return decorate(inner)(incoming, deadline(options.timeoutMs))
}

describe('plugin/http-server', () => {
  it('runs the example: the time a reply took', async () => {
    const reply = await served(
      { name: 'request-stamp', 'request-stamp': { header: 'X-Took' } },
      () => Promise.resolve({ status: 200, headers: ['X-A', '1'], body: 'ok', errors: ['e'] }),
      { plugins: EXAMPLES },
    )
    assert.deepEqual([reply.status, reply.body, reply.errors], [200, 'ok', ['e']])
    assert.match(headerValue(reply.headers, 'x-took') ?? '', /^\d+\.\d$/)
  })
  it('shows the last one named a request first', async () => {
    let seen: ClientRequest | undefined
    await served({ name: ['first', 'last'] }, (each) => {
      seen = each
      return Promise.resolve({ status: 200, headers: [], body: undefined })
    })
    assert.deepEqual(seen?.headers, ['X-Lower', '1', 'X-Seen', 'last', 'X-Seen', 'first'])
  })
  it('answers by itself, and then nobody else is asked', async () => {
    const reply = await served({ name: 'closed' }, () => assert.fail('asked'))
    assert.deepEqual([reply.status, String(reply.body)], [451, 'closed'])
  })
  it('ends a request whose plugin never does, also behind the reply', async () => {
    const ok: Handler = () => Promise.resolve({ status: 200, headers: [], body: 'secret' })
    for (const name of ['hangs', 'slow-after']) {
      const reply = await served({ name }, ok, { timeoutMs: 20 })
      assert.deepEqual([reply.status, reply.body], [500, 'context deadline exceeded'], name)
    }
  })
})

describe('the time of a plugin around the server', () => {
  const ok: Handler = () => Promise.resolve({ status: 200, headers: [], body: 'ok' })
  const late: Handler = async () => {
    await new Promise((resolve) => setTimeout(resolve, 80))
    return { status: 200, headers: [], body: 'ok' }
  }
  it('is the service’s while no route is known, or none was found', async () => {
    for (const name of ['hangs', 'slow-after']) {
      const reply = await served({ name }, ok)
      assert.deepEqual([reply.status, reply.body], [500, 'context deadline exceeded'], name)
    }
  })
  it('rests while the router works, and where an endpoint’s time counts', async () => {
    const slow = await served({ name: 'first' }, late)
    assert.equal(slow.status, 200)
    const read = await served({ name: 'slow-behind' }, ok, { timeoutMs: 1_000 })
    assert.equal(read.status, 200)
  })
  it('is not the time of the endpoint behind it, which begins once', async () => {
    const startMs = performance.now()
    const ends: number[] = []
    const reply = await served(
      { name: 'pauses' },
      (_request, { atMs }) => {
        ends.push(atMs)
        return late(undefined as never, undefined as never)
      },
      { timeoutMs: 1_000 },
    )
    assert.equal(reply.status, 200)
    // A timer may come up to a millisecond early.
    assert.ok((ends[0] ?? 0) >= startMs + 1_009, `${ends[0]} after ${startMs}`)
    assert.equal(ends[1], ends[0])
  })
  it('leaves nothing that a plugin could still do', async () => {
    let asked = 0
    const reply = await served({ name: 'slow-before' }, () => {
      asked++
      return ok(undefined as never, undefined as never)
    })
    assert.equal(reply.status, 500)
    await new Promise((resolve) => setTimeout(resolve, 120))
    assert.equal(asked, 0)
  })
})

describe('plugin/http-client', () => {
  it('runs the example: a standby is asked when the upstream fails', async () => {
    const config = { name: 'second-try', 'second-try': { address: 'http://standby:1' } }
    const { scope } = scopeOf()
    const extra = { 'plugin/http-client': config }
    const [decorate] = decoratorsFor([clientPlugin], extra, placeIn(EXAMPLES), scope)
    assert(decorate)
    const asked: string[] = []
    let given = 0
    const send: Send = (call) => {
      asked.push(`${call.origin}${call.path}`)
      const body = { ...bodyOf(Buffer.from('x')), destroy: () => void given++ }
      const status = call.origin.includes('standby') ? 200 : 503
      return Promise.resolve({
        status,
        header: () => undefined,
        headerList: () => ['X-A', '1'],
        body,
      })
    }
    const call = {
      method: 'GET',
      origin: 'http://api:1',
      path: '/a?b=1',
      headers: [],
      body: undefined,
    }
    const reply = await decorate(send)(call, deadline())
    assert.deepEqual(asked, ['http://api:1/a?b=1', 'http://standby:1/a?b=1'])
    assert.equal(reply.status, 200)
    assert.equal(reply.header('x-a'), '1')
    assert.equal(given, 1, 'the answer that is not handed on is given up')
  })
})

test('a plugin/http-client that never answers costs its call the time it has', async () => {
  const extra = { 'plugin/http-client': { name: 'hangs' } }
  const [decorate] = decoratorsFor([clientPlugin], extra, placeIn(folder), scopeOf().scope)
  const call = { method: 'GET', origin: 'http://a', path: '/', headers: [], body: undefined }
  const send = decorate?.(() => assert.fail('asked'))
  await assert.rejects(send?.(call, deadline(20)) ?? Promise.resolve(), { code: 'timeout' })
})

describe('a plugin module', () => {
  it('says why it is none', () => {
    const problems: [string, RegExp][] = [
      ['export const a = 1', /no default export/],
      ['export default { requestModifier: () => {} }', /has no name/],
      [`export default { name: 'x' }`, /none of httpServer/],
      [`export default { name: 'x', httpClient: 7 }`, /httpClient is no function/],
      ['syntax error', /./],
    ]
    for (const [at, [code, message]] of problems.entries()) {
      const file = path.join(folder, `wrong-${at}.mjs`)
      writeFileSync(file, code)
      assert.throws(() => loadPlugin(file), message)
    }
  })
})
