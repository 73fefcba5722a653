import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { placeForTests, scopeForTests } from '../../../test/support/feature-scope.ts'
import type { Call, Send, UpstreamReply } from '../../client/client.ts'
import { bodyOf, collect } from '../../pipe/collect.ts'
import { DeadlineWheel } from '../../pipe/deadline.ts'
import { headerValue } from '../../pipe/headers.ts'
import type { HeaderList, JsonObject } from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { martian } from './martian.ts'

const call: Call = {
  method: 'GET',
  origin: 'http://api.test:8080',
  path: '/a%20b?z=1&a=2',
  headers: ['X-A', '1', 'Cookie', 'sid=7; bad name=1'],
  body: undefined,
}

const replyWith = (headers: HeaderList, text = '{"ok":1}', status = 200): UpstreamReply => ({
  status,
  header: (name) => headerValue(headers, name),
  headerList: () => headers,
  body: bodyOf(Buffer.from(text)),
})

function prepared(config: JsonObject) {
  const { scope } = scopeForTests()
  return decoratorsFor([martian], { 'modifier/martian': config }, placeForTests(), scope)
}

/** Sends one call through the modifiers of `config`. */
async function sent(config: JsonObject, changes: Partial<Call> = {}, headers: HeaderList = []) {
  const [decorate] = prepared(config)
  assert(decorate)
  let seen: Call | undefined
  const send: Send = (each) => {
    seen = each
    return Promise.resolve(replyWith(headers))
  }
  const reply = await decorate(send)(
    { ...call, ...changes },
    new DeadlineWheel().start(performance.now()),
  )
  const text = (await collect(reply.body, 1 << 20)).toString()
  return { call: seen, status: reply.status, headers: reply.headerList(), text }
}

const set = (name: string, value = 'on') => ({ 'header.Modifier': { name, value } })
const callHeader = async (config: JsonObject, name: string, changes: Partial<Call> = {}) =>
  headerValue((await sent(config, changes)).call?.headers ?? [], name)

describe('modifier/martian', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'martian-'))
  writeFileSync(path.join(folder, 'a.json'), '{"file":1}')
  symlinkSync('/etc/hostname', path.join(folder, 'out'))
  after(() => rmSync(folder, { recursive: true }))

  it('sends and finds header values as UTF-8', async () => {
    const bytes = Buffer.from('é').toString('latin1')
    const headers = { headers: ['X-A', bytes] }
    assert.equal(await callHeader(set('X-B', 'é'), 'x-b'), bytes)
    const filter = { name: 'X-A', value: 'é', modifier: set('X-B') }
    assert.equal(await callHeader({ 'header.Filter': filter }, 'x-b', headers), 'on')
    const pattern = { header: 'X-A', regex: '^.$', modifier: set('X-B') }
    assert.equal(await callHeader({ 'header.RegexFilter': pattern }, 'x-b', headers), 'on')
  })

  it('changes both sides without a scope, those of the scope with one, nothing with an empty one', async () => {
    for (const [scope, asked, answered] of [
      [undefined, 'on', 'on'],
      [['request'], 'on', undefined],
      [['response'], undefined, 'on'],
      [['response', 'request'], 'on', 'on'],
    ] as const) {
      const options = scope === undefined ? {} : { scope: [...scope] }
      const { call: seen, headers } = await sent({
        'header.Modifier': { ...options, name: 'x-m', value: 'on' },
      })
      assert.equal(headerValue(seen?.headers ?? [], 'x-m'), asked)
      assert.equal(headerValue(headers, 'x-m'), answered)
    }
    assert.deepEqual(prepared({ 'header.Modifier': { scope: [], name: 'x-m', value: 'on' } }), [])
  })
  it('sets the real Host, keeps it when the address changes, and leaves it to the address when removed', async () => {
    assert.equal(await callHeader(set('host', 'other'), 'host'), 'other')
    const moved = await sent({ 'url.Modifier': { host: 'new.test', scheme: 'https', path: '/ä?' } })
    assert.equal(moved.call?.origin, 'https://new.test')
    assert.equal(moved.call?.path, '/%C3%A4%3F?z=1&a=2')
    assert.equal(headerValue(moved.call?.headers ?? [], 'host'), 'api.test:8080')
    const port = await sent({ 'port.Modifier': { defaultForScheme: true } })
    assert.equal(port.call?.origin, 'http://api.test:80')
    assert.equal(
      await callHeader({ 'header.Blacklist': { names: ['Host', 'x-a'] } }, 'x-a'),
      undefined,
    )
    assert.equal(await callHeader({ 'header.Blacklist': { names: ['Host'] } }, 'host'), undefined)
  })
  it('reads and writes the query as Go does', async () => {
    const { call: seen } = await sent({ 'querystring.Modifier': { name: 'a', value: 'x y' } })
    assert.equal(seen?.path, '/a%20b?a=x+y&z=1')
    const filter = (name: string, value: string) => ({
      'querystring.Filter': { name, value, modifier: set('X-Hit'), else: set('X-Hit', 'else') },
    })
    assert.equal(await callHeader(filter('z', ''), 'x-hit'), 'on')
    assert.equal(await callHeader(filter('z', '2'), 'x-hit'), 'else')
  })
  it('compares addresses by their parts, or as a whole', async () => {
    const hit = (kind: string, options: JsonObject) =>
      callHeader(
        { [kind]: { ...options, modifier: set('X-Hit'), else: set('X-Hit', 'else') } },
        'x-hit',
      )
    assert.equal(
      await hit('url.Filter', { host: '*.test:8080', path: '/a b', query: 'z=1&a=2' }),
      'on',
    )
    for (const options of [
      { host: 'api.*.8080' },
      { host: '*' },
      { path: '/a%20b' },
      { query: 'a=2&z=1' },
      { scheme: 'https' },
    ])
      assert.equal(await hit('url.Filter', options), 'else', JSON.stringify(options))
    assert.equal(await hit('url.RegexFilter', { regex: '^http://api.*a=2$' }), 'on')
    assert.equal(await hit('port.Filter', { port: 8080 }), 'on')
    assert.equal(await hit('port.Filter', { port: 80 }), undefined)
  })
  it('looks for cookies on both sides, and adds them', async () => {
    const filter = (options: JsonObject) => ({
      'cookie.Filter': { ...options, modifier: { 'status.Modifier': { statusCode: 404 } } },
    })
    const headers = ['Set-Cookie', 'sid="7"; Path=/', 'Set-Cookie', 'bad name=1']
    assert.equal((await sent(filter({ name: 'sid', value: '7' }), {}, headers)).status, 404)
    assert.equal((await sent(filter({ name: 'bad name' }), {}, headers)).status, 200)
    const cookie = {
      'cookie.Modifier': { name: 'c', value: 'x y', domain: '.a.test', maxAge: -1, secure: true },
    }
    const { call: seen, headers: answered } = await sent(cookie)
    assert.equal(headerValue(seen?.headers ?? [], 'cookie'), 'sid=7; bad name=1; c="x y"')
    assert.equal(headerValue(answered, 'set-cookie'), 'c="x y"; Domain=a.test; Max-Age=0; Secure')
  })
  it('runs a fifo.Group in order and a priority.Group by priority, equal ones last first', async () => {
    const append = (value: string) => ({ 'header.Append': { name: 'X-O', value } })
    const fifo = await sent({ 'fifo.Group': { modifiers: [append('a'), append('b')] } })
    assert.deepEqual(fifo.headers, ['X-O', 'a', 'X-O', 'b'])
    const modifiers = [
      [0, 'a'],
      [5, 'b'],
      [5, 'c'],
      [-1, 'd'],
    ].map(([priority, value]) => ({
      priority: priority as number,
      modifier: append(String(value)),
    }))
    const { headers } = await sent({ 'priority.Group': { modifiers } })
    assert.deepEqual(
      headers.filter((_, at) => at % 2 === 1),
      ['c', 'b', 'a', 'd'],
    )
  })
  it('fails the request when a modifier fails, after the others with aggregateErrors', async () => {
    const failing = { 'header.Append': { scope: ['request'], name: 'Host', value: 'x' } }
    for (const aggregateErrors of [true, false])
      await assert.rejects(
        sent({ 'fifo.Group': { aggregateErrors, modifiers: [failing, failing] } }),
        (error: Error) => error.message.split('\n').length === (aggregateErrors ? 2 : 1),
      )
    await assert.rejects(
      sent(set('Content-Length', '3'), { body: Buffer.from('1') }),
      /Content-Length 3/,
    )
    // Without a body nobody sends it, as in Go.
    assert.equal(await callHeader(set('Content-Length', '3'), 'content-length'), undefined)
  })
  it('replaces bodies, with their length, and honours Range in answers', async () => {
    const body = Buffer.from('0123456789').toString('base64')
    const config = { 'body.Modifier': { body, contentType: 'text/plain' } }
    const old = ['Content-Encoding', 'gzip', 'Content-Length', '99', 'Content-Type', 'x/y']
    const whole = await sent(config, { headers: old, body: Buffer.from('mine') }, old)
    assert.deepEqual(whole.call?.headers, ['Content-Type', 'text/plain'])
    assert.equal(whole.call?.body?.toString(), '0123456789')
    assert.deepEqual(whole.headers, ['Content-Type', 'text/plain', 'Content-Length', '10'])
    const ranged = async (range: string) => {
      const { status, text } = await sent(config, { headers: ['Range', range] })
      return [status, text.replaceAll(/--[0-9a-f]{60}/g, '--')]
    }
    assert.deepEqual(await ranged('bytes=2-4'), [206, '234'])
    assert.deepEqual(await ranged('bytes=8-'), [206, '89'])
    assert.deepEqual(await ranged('bytes=4-2'), [416, ''])
    assert.deepEqual(await ranged('bytes=0-10'), [416, ''])
    const [status, parts] = await ranged('bytes=0-1,4-5')
    assert.equal(status, 206)
    assert.match(
      String(parts),
      /^--\r\nContent-Range: bytes 0-1\/10\r\nContent-Type: text\/plain\r\n\r\n01\r\n--\r\n/,
    )
    await assert.rejects(ranged('bytes=a-b'))
  })
  it('answers with a file instead of calling, with nothing from outside its folder', async () => {
    const config = { 'static.Modifier': { rootPath: folder, explicitPaths: { '/x': '/a.json' } } }
    const file = await sent(config, { path: '/a.json' })
    assert.deepEqual([file.call, file.status, file.text], [undefined, 200, '{"file":1}'])
    assert.equal(headerValue(file.headers, 'content-type'), 'application/json')
    assert.equal((await sent(config, { path: '/x' })).text, '{"file":1}')
    assert.equal(
      (await sent(config, { path: '/a.json', headers: ['Range', 'bytes=2-5'] })).text,
      'file',
    )
    for (const path of ['/none', '/out', '/', '/%2e%2e/%2e%2e/etc/hostname', '/a.json%00'])
      assert.equal((await sent(config, { path })).status, 404, path)
  })
  it('stashes the address before later modifiers change it', async () => {
    const { call: seen, headers } = await sent({
      'fifo.Group': {
        modifiers: [
          { 'stash.Modifier': { headerName: 'x-url' } },
          { 'url.Modifier': { path: '/b' } },
        ],
      },
    })
    assert.equal(headerValue(headers, 'x-url'), 'http://api.test:8080/a%20b?z=1&a=2')
    assert.equal(seen?.path, '/b?z=1&a=2')
  })
  it('stops the start with everything that could not work', () => {
    const nested = (depth: number): JsonObject =>
      depth === 0 ? set('X-A') : { 'fifo.Group': { modifiers: [nested(depth - 1)] } }
    const wrong: JsonObject[] = [
      {},
      { ...set('X-A'), 'header.Id': {} },
      { 'skip.RoundTrip': {} },
      { 'header.Id': { scope: ['response'] } },
      { 'header.Id': { scope: ['both'] } },
      { 'header.Id': { scope: 'request' } },
      { 'header.Modifier': { name: 'X A', value: 'x' } },
      { 'header.Modifier': { name: 'X-A', value: 'x\r\nX-B: y' } },
      { 'header.Modifier': { name: 'X-A', value: 7 } },
      { 'header.Modifier': { name: 'Content-Length', value: 'x' } },
      { 'header.RegexFilter': { header: 'X', regex: '(', modifier: set('X-A') } },
      { 'header.Filter': { name: 'X' } },
      { 'header.Filter': { name: 'X', modifier: { nope: {} } } },
      { 'header.Filter': { name: 'X', modifier: set('X-A'), else: { nope: {} } } },
      { 'body.Modifier': { body: 'no base64' } },
      { 'cookie.Modifier': { name: 'a b', value: 'c' } },
      { 'cookie.Modifier': { name: 'a', value: 'c', expires: 'tomorrow' } },
      { 'cookie.Modifier': { name: 'a', value: 'c', path: '/;x' } },
      { 'port.Modifier': {} },
      { 'port.Modifier': { port: 80, remove: true } },
      { 'port.Modifier': { port: 70_000 } },
      { 'url.Modifier': { scheme: 'ftp' } },
      { 'url.Modifier': { host: 'a/b' } },
      { 'url.Modifier': { query: 'a b' } },
      { 'status.Modifier': { statusCode: 99 } },
      { 'stash.Modifier': { scope: ['response'], headerName: 'X' } },
      { 'static.Modifier': { rootPath: '/does/not/exist' } },
      { 'priority.Group': { modifiers: [{ priority: 1.5, modifier: set('X-A') }] } },
      { 'priority.Group': { modifiers: [set('X-A')] } },
      nested(100),
    ]
    for (const config of wrong)
      assert.throws(
        () => prepared(config),
        (error: Error) =>
          error.name === 'ConfigError' &&
          error.message.startsWith('endpoints[0].backend[0].extra_config."modifier/martian"'),
        JSON.stringify(config),
      )
    assert.equal(prepared({ '@comment': 'why', ...set('X-A') }).length, 1)
  })
  it('adds no decorator when it is absent', () => {
    const { scope } = scopeForTests()
    assert.deepEqual(decoratorsFor([martian], {}, placeForTests(), scope), [])
  })
})
