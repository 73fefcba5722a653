import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeForTests, scopeForTests } from '../../../../test/support/feature-scope.ts'
import type { Call, Send, UpstreamReply } from '../../../client/client.ts'
import type { ServiceConfig } from '../../../config/types.ts'
import { GatewayError } from '../../../errors.ts'
import { bodyOf, collect } from '../../../pipe/collect.ts'
import { DeadlineWheel } from '../../../pipe/deadline.ts'
import { headerValue } from '../../../pipe/headers.ts'
import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import type { MainScope } from '../../main-service.ts'
import { httpCache } from '../http-cache.ts'
import { httpCacheService } from './service.ts'

const MAX_BYTES = 1 << 20

type Answer = { status?: number; body?: string } & Record<string, string | number | undefined>

/** The cache of one backend over a main thread's service, with an upstream that answers as told and remembers calls. */
async function caching(config: JsonObject, ...answers: (Answer | Error)[]) {
  return cachingBeside({}, config, ...answers)
}

/** The same, with further features of the backend. */
async function cachingBeside(more: JsonObject, config: JsonObject, ...answers: (Answer | Error)[]) {
  const parts = scopeForTests()
  const backends = [{ id: 0, extraConfig: { 'qos/http-cache': config } }]
  const service = await httpCacheService.start({
    config: { endpoints: [{ backends }], asyncAgents: [] } as unknown as ServiceConfig,
  } as unknown as MainScope)
  const ask = async (_topic: string, question: JsonValue): Promise<JsonValue> =>
    structuredClone((await service?.answer?.(structuredClone(question))) ?? null)
  const place = placeForTests()
  const backend = { ...place.backend, extraConfig: { ...place.backend.extraConfig, ...more } }
  const decorate = httpCache.prepare(config, { ...place, backend }, { ...parts.scope, ask })
  assert.ok(decorate, 'a decorator')
  const calls: Call[] = []
  const upstream: Send = async (call) => {
    calls.push(call)
    const answer = answers[Math.min(calls.length, answers.length) - 1]
    if (answer === undefined || answer instanceof Error) throw answer
    return replyOf(answer, parts.time.nowMs)
  }
  const send = decorate(upstream)
  const wheel = new DeadlineWheel()
  const get = async (
    headers: Record<string, string> = {},
    { method = 'GET', path = '/a' } = {},
  ): Promise<{ status: number; body: string; header: UpstreamReply['header'] }> => {
    const call = { method, origin: 'http://up', path, headers: Object.entries(headers).flat() }
    const reply = await send({ ...call, body: undefined }, wheel.start(performance.now()))
    const body = (await collect(reply.body, MAX_BYTES)).toString('utf8')
    return { status: reply.status, body, header: reply.header }
  }
  const bodies = async (...headers: Record<string, string>[]): Promise<string[]> => {
    const all: string[] = []
    for (const one of headers) all.push((await get(one)).body)
    return all
  }
  return { ...parts, calls, get, bodies }
}

function replyOf({ status = 200, body = '', ...headers }: Answer, nowMs: number): UpstreamReply {
  const list = ['Date', new Date(nowMs).toUTCString()].concat(
    Object.entries(headers).flatMap(([name, value]) => [name, String(value)]),
  )
  return {
    status,
    header: (lowerName) => headerValue(list, lowerName),
    headerList: () => list,
    body: bodyOf(Buffer.from(body)),
  }
}
const lasting = (body: string, cacheControl = 'max-age=60', more: Answer = {}): Answer => ({
  body,
  'Cache-Control': cacheControl,
  ...more,
})

describe('qos/http-cache', () => {
  describe('by KrakenD’s rules', () => {
    it('answers from the store until max-age ends, whatever the bytes', async () => {
      const { calls, get, time } = await caching({}, lasting('ü€\u0000'), lasting('new'))
      assert.equal((await get()).body, 'ü€\u0000')
      time.nowMs += 58_000
      assert.equal((await get()).body, 'ü€\u0000')
      assert.equal(calls.length, 1)
      time.nowMs += 3_000
      assert.equal((await get()).body, 'new')
    })

    it('keeps private answers and any status, and not what says no-store', async () => {
      const { get } = await caching({}, lasting('gone', 'private, max-age=60', { status: 404 }))
      await get()
      assert.equal((await get()).status, 404)
      const { calls, bodies } = await caching(
        {},
        lasting('1', 'no-store, max-age=60'),
        lasting('2'),
      )
      assert.deepEqual(await bodies({}, {}), ['1', '2'])
      assert.equal(calls.length, 2)
    })

    it('keeps an answer that was asked for with a token of the gateway’s own', async () => {
      const token = { Authorization: 'Bearer own' }
      const bodiesWith = async (credentials: JsonObject): Promise<string[]> => {
        const more = { 'auth/client-credentials': credentials }
        const cache = await cachingBeside(more, {}, lasting('a'), lasting('b'))
        return cache.bodies(token, token)
      }
      assert.deepEqual(await bodiesWith({ client_id: 'shop' }), ['a', 'a'])
      assert.deepEqual(await bodiesWith({ client_id: 'shop', is_disabled: true }), ['a', 'b'])
    })
    it('keeps an answer to a request with Authorization only when it is public', async () => {
      const user = { Authorization: 'Bearer a' }
      const own = await caching({}, lasting('a'), lasting('b'))
      assert.deepEqual(await own.bodies(user, { Authorization: 'Bearer b' }), ['a', 'b'])
      const open = await caching({}, lasting('a', 'public, max-age=60'), lasting('b'))
      assert.deepEqual(await open.bodies(user, { Authorization: 'Bearer b' }, {}), ['a', 'a', 'a'])
    })

    it('has one variant a URL, marked with what it varies by', async () => {
      const vary = { Vary: 'Accept-Language' }
      const { get, bodies } = await caching(
        {},
        lasting('de', 'max-age=60', vary),
        lasting('en', 'max-age=60', vary),
        lasting('de 2', 'max-age=60', vary),
      )
      const [de, en] = [{ 'Accept-Language': 'de' }, { 'Accept-Language': 'en' }]
      assert.deepEqual(await bodies(de, de, en, en, de), ['de', 'de', 'en', 'en', 'de 2'])
      assert.equal((await get(de)).header('x-varied-accept-language'), 'de')
    })

    it('asks whether a stale answer still holds, and takes the new headers', async () => {
      const { calls, get, time } = await caching(
        {},
        lasting('1', 'max-age=1', { ETag: '"v1"', 'Last-Modified': 'yesterday' }),
        { status: 304, 'Cache-Control': 'max-age=100' },
      )
      await get()
      time.nowMs += 5_000
      const confirmed = await get()
      assert.deepEqual([confirmed.status, confirmed.body], [200, '1'])
      assert.equal(headerValue(calls[1]?.headers ?? [], 'if-none-match'), '"v1"')
      assert.equal(headerValue(calls[1]?.headers ?? [], 'if-modified-since'), 'yesterday')
      time.nowMs += 50_000
      assert.equal((await get()).body, '1')
      assert.equal(calls.length, 2)
    })

    it('passes a 304 on that answers the client’s own question', async () => {
      const { get } = await caching({}, { status: 304 })
      assert.equal((await get({ 'If-None-Match': '"mine"' })).status, 304)
    })

    it('hears the client: no-cache, max-age, min-fresh, max-stale, only-if-cached', async () => {
      const { bodies, get, time } = await caching({}, ...'123456'.split('').map((n) => lasting(n)))
      const wants = (wish: string) => ({ 'Cache-Control': wish })
      assert.deepEqual(await bodies({}, wants('no-cache'), {}), ['1', '2', '2'])
      time.nowMs += 30_000
      assert.deepEqual(await bodies(wants('max-age=29'), {}), ['3', '3'])
      assert.deepEqual(await bodies(wants('min-fresh=61')), ['4'])
      time.nowMs += 70_000
      assert.deepEqual(await bodies(wants('max-stale'), wants('max-stale=20')), ['4', '4'])
      assert.deepEqual(await bodies(wants('max-stale=5'), wants('only-if-cached')), ['5', '5'])
      assert.equal((await get(wants('only-if-cached'), { path: '/other' })).status, 504)
    })

    it('serves the old answer when the upstream fails, where stale-if-error allows it', async () => {
      const { get, time } = await caching(
        {},
        lasting('old', 'max-age=0, stale-if-error=100'),
        new GatewayError('connect'),
        { status: 503 },
        new GatewayError('connect'),
      )
      await get()
      time.nowMs += 50_000
      assert.equal((await get()).body, 'old')
      assert.equal((await get()).body, 'old')
      time.nowMs += 60_000
      await assert.rejects(get(), { code: 'connect' })
    })

    it('never keeps answers to POST, and keeps GET and HEAD apart', async () => {
      const { calls, get } = await caching({}, lasting('x'))
      await get({}, { method: 'POST' })
      await get({}, { method: 'POST' })
      await get({}, { method: 'HEAD' })
      await get({}, { method: 'GET' })
      assert.equal(calls.length, 4)
      await get({}, { method: 'HEAD' })
      assert.equal(calls.length, 4)
    })
  })

  describe('by RFC 9111', () => {
    const standard = { rfc9111: true }

    it('is a shared cache: nothing private, s-maxage before max-age, an Age on what was kept', async () => {
      const own = await caching(standard, lasting('1', 'private, max-age=60'), lasting('2'))
      assert.deepEqual(await own.bodies({}, {}), ['1', '2'])
      const { get, time } = await caching(standard, lasting('1', 'max-age=0, S-MaxAge="60"'))
      assert.equal((await get()).header('age'), undefined)
      time.nowMs += 10_000
      const { body, header } = await get()
      assert.deepEqual([body, header('age')], ['1', '10'])
    })

    it('counts the age that an answer came with', async () => {
      const { calls, get } = await caching(standard, lasting('1', 'max-age=60', { Age: '60' }))
      await get()
      await get()
      assert.equal(calls.length, 2)
    })

    it('keeps variants side by side, and nothing that varies by everything', async () => {
      const vary = { Vary: 'accept-language , X-B' }
      const { bodies } = await caching(
        standard,
        lasting('de', 'max-age=60', vary),
        lasting('en', 'max-age=60', vary),
      )
      const [de, en] = [{ 'Accept-Language': 'de' }, { 'Accept-Language': 'en' }]
      assert.deepEqual(await bodies(de, en, de, en), ['de', 'en', 'de', 'en'])
      const all = await caching(standard, lasting('1', 'max-age=60', { Vary: '*' }), lasting('2'))
      assert.deepEqual(await all.bodies({}, {}), ['1', '2'])
    })

    it('never serves what must be revalidated, nor what names no lifetime', async () => {
      for (const cacheControl of ['max-age=0, must-revalidate', 's-maxage=0', 'no-cache'])
        await caching(
          standard,
          lasting('1', `${cacheControl}, stale-if-error=99`, { ETag: '"a"' }),
          new GatewayError('connect'),
        ).then(async ({ get }) => {
          await get()
          await assert.rejects(get({ 'Cache-Control': 'max-stale' }), { code: 'connect' })
        })
      const { bodies } = await caching(standard, { body: '1' }, { body: '2' })
      assert.deepEqual(await bodies({}, { 'Cache-Control': 'max-stale' }), ['1', '2'])
    })

    it('keeps answers to requests with Authorization when public, s-maxage or must-revalidate', async () => {
      const user = { Authorization: 'Bearer a' }
      for (const [cacheControl, isKept] of [
        ['max-age=60', false],
        ['public, max-age=60', true],
        ['max-age=60, must-revalidate', true],
        ['s-maxage=60', true],
      ] as const) {
        const { calls, bodies } = await caching(standard, lasting('1', cacheControl))
        await bodies(user, user)
        assert.equal(calls.length, isKept ? 1 : 2, cacheControl)
      }
    })

    it('forgets a URL after a change to it', async () => {
      const { bodies, get } = await caching(standard, lasting('1'), { status: 204 }, lasting('2'))
      assert.deepEqual(await bodies({}, {}), ['1', '1'])
      await get({}, { method: 'PUT' })
      assert.deepEqual(await bodies({}), ['2'])
    })

    it('reads Pragma where there is no Cache-Control', async () => {
      const { bodies } = await caching(standard, lasting('1'), lasting('2'))
      assert.deepEqual(await bodies({}, { Pragma: 'no-cache' }), ['1', '2'])
    })
  })

  it('keeps no answer that broke off or that nobody read to its end', async () => {
    const parts = scopeForTests()
    const questions: JsonObject[] = []
    const ask = async (_topic: string, question: JsonValue): Promise<JsonValue> => {
      questions.push(question as JsonObject)
      return null
    }
    const broken: Send = async () => ({
      ...replyOf(lasting('x'), parts.time.nowMs),
      body: {
        start(sink) {
          sink.data(Buffer.from('half'))
          sink.error(new GatewayError('upstream'))
        },
        resume() {},
        destroy() {},
      },
    })
    const send = httpCache.prepare({}, placeForTests(), { ...parts.scope, ask })?.(broken)
    const call: Call = {
      method: 'GET',
      origin: 'http://up',
      path: '/',
      headers: [],
      body: undefined,
    }
    const reply = await send?.(call, new DeadlineWheel().start(0))
    await assert.rejects(collect(reply?.body ?? bodyOf(Buffer.alloc(0)), MAX_BYTES))
    assert.deepEqual(
      questions.map(({ type }) => type),
      ['get'],
    )
  })

  it('goes upstream when the store cannot be asked', async () => {
    const { scope, time, warnings } = scopeForTests()
    const ask = () => Promise.reject(new Error('gone'))
    const upstream: Send = async () => replyOf(lasting('1'), time.nowMs)
    const send = httpCache.prepare({}, placeForTests(), { ...scope, ask })?.(upstream)
    const call: Call = {
      method: 'GET',
      origin: 'http://up',
      path: '/',
      headers: [],
      body: undefined,
    }
    const reply = await send?.(call, new DeadlineWheel().start(0))
    assert.equal(reply?.status, 200)
    await collect(reply?.body ?? bodyOf(Buffer.alloc(0)), MAX_BYTES)
    assert.match(warnings.join(), /the store does not answer: gone/)
  })

  it('has no service in the main thread when no backend asks for it', async () => {
    const config = { endpoints: [{ backends: [{ id: 0, extraConfig: {} }] }], asyncAgents: [] }
    assert.equal(await httpCacheService.start({ config } as unknown as MainScope), undefined)
  })

  it('warns of one limit without the other, and stops the start for what is no limit', () => {
    const { scope, warnings } = scopeForTests()
    httpCache.prepare({ max_items: 5 }, placeForTests(), scope)
    assert.match(warnings.join(), /"qos\/http-cache": max_items and max_size only work together/)
    for (const config of [{ max_items: '5' }, { max_items: -1 }, { shared: 'yes' }])
      assert.throws(
        () => httpCache.prepare(config, placeForTests(), scope),
        /endpoints\[0\]\.backend\[0\]\.extra_config\."qos\/http-cache"\.(max_items|shared): /,
      )
  })
})
