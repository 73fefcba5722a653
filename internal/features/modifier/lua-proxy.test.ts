import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rawNumber } from '../../decode/numbers.ts'
import { GatewayError } from '../../errors.ts'
import { bodyOf, collect } from '../../pipe/collect.ts'
import type {
  DataResponse,
  JsonObject,
  JsonValue,
  ProxyRequest,
  ProxyResponse,
} from '../../pipe/pipe.ts'
import { decoratorsFor, type EndpointPlace, type Scope } from '../feature.ts'
import { deadlineAt } from './lua/machine-for-tests.ts'
import { luaProxy } from './lua-proxy.ts'

const REQUEST: ProxyRequest = {
  method: 'GET',
  host: '',
  path: '/x',
  query: ['b', '2', 'a', '1'],
  headers: ['User-Agent', 'ua'],
  params: { Id: '1' },
  body: undefined,
}
const answer = (data: JsonObject | null): DataResponse => ({
  kind: 'data',
  data,
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
})

function scopeWith(client: unknown = {}): Scope {
  const log = () => {}
  return {
    log: { debug: log, info: log, warning: log, error: log, critical: log },
    holder: { hold: async (body: unknown) => body },
    client,
    maxDecodeBytes: 1 << 20,
  } as unknown as Scope
}
const placeWith = (outputEncoding: string): EndpointPlace =>
  ({ service: {}, endpoint: { index: 0, endpoint: '/x', outputEncoding, backends: [] } }) as never

type Run = {
  readonly config: Record<string, JsonValue>
  readonly response?: ProxyResponse
  readonly scope?: Scope
  readonly outputEncoding?: string
}
async function run({
  config,
  response = answer({ ok: 1 }),
  scope = scopeWith(),
  outputEncoding = 'json',
}: Run) {
  let asked: ProxyRequest | undefined
  const decorate = luaProxy.prepare(config, placeWith(outputEncoding), scope)
  assert.ok(decorate !== undefined)
  const pipe = decorate(async (request) => {
    asked = request
    return response
  })
  const changed = await pipe(REQUEST, deadlineAt(Number.POSITIVE_INFINITY))
  return { asked, response: changed }
}
async function dataAfter(post: string, data: JsonObject): Promise<unknown> {
  const { response } = await run({ config: { post }, response: answer(data) })
  assert.equal(response.kind, 'data')
  return response.kind === 'data' ? response.data : undefined
}
const D = 'local d = response.load():data() '

test('absent configuration adds no decorator', () => {
  assert.deepEqual(decoratorsFor([luaProxy], {}, placeWith('json'), scopeWith()), [])
})

test('an answer that a script only reads goes on as it is, bytes included', async () => {
  const response = {
    ...answer({ a: { b: [1] } }),
    sources: [{ value: {}, text: Buffer.from('{}') }],
  }
  const changed = await run({
    config: { post: `${D} local x = d:get("a"):get("b"):get(0)` },
    response,
  })
  assert.equal(changed.response, response)
})

test('data of others is never changed in place', async () => {
  const shared: JsonObject = { a: { b: [1, 2] } }
  Object.freeze(shared)
  Object.freeze(shared['a'])
  const data = await dataAfter(
    `${D} d:get("a"):get("b"):set(0, "x") d:get("a"):set("c", true)`,
    shared,
  )
  assert.deepEqual(data, { a: { b: ['x', 2], c: true } })
  assert.deepEqual(shared, { a: { b: [1, 2] } })
})

test('values of scripts become JSON by the rules of KrakenD', async () => {
  const post = `${D} d:set("array", {"one", "two"}) d:set("deep", {rows = {{id = 1}, {id = 2}}, gaps = {[3] = "c", [1] = "a"}, empty = {}}) d:set("ignored", nil) d:set("fn", print) d:set(1, "one") d:set("null", luaNil.new()) d:set("é", "ü")`
  assert.deepEqual(await dataAfter(post, { ignored: 'stays' }), {
    ignored: 'stays',
    array: { 1: 'one', 2: 'two' },
    deep: { rows: [{ id: 1 }, { id: 2 }], gaps: ['a', 'c'], empty: {} },
    1: 'one',
    null: null,
    é: 'ü',
  })
})

test('keys that JavaScript has a meaning for are keys', async () => {
  const data = await dataAfter(
    `${D} d:set("__proto__", {x = 1}) d:set("constructor", d:keyExists("toString"))`,
    {},
  )
  assert.equal(JSON.stringify(data), '{"__proto__":{"x":1},"constructor":false}')
})

test('numbers that scripts do not touch keep all digits', async () => {
  const data = await dataAfter(`${D} d:set("copy", d:get("big"))`, {
    big: rawNumber('9007199254740993'),
  })
  assert.equal(JSON.stringify(data), '{"big":9007199254740993,"copy":9007199254740992}')
})

test('a list that was shortened shows null in its parent, one that has grown is another list', async () => {
  const post = `${D} d:get("a"):del(0) local l = d:get("b") l:set(l:len(), 9) d:set("c", l) l:set(0, 8)`
  assert.deepEqual(await dataAfter(post, { a: [1, 2, 3], b: [1] }), {
    a: [2, 3, null],
    b: [1],
    c: [8, 9],
  })
})

test('numbers that JSON does not have, and data that holds itself, are errors', async () => {
  await assert.rejects(dataAfter(`${D} d:set("x", 0/0)`, {}), /NaN cannot stand in JSON/)
  await assert.rejects(dataAfter(`${D} d:set("x", d)`, {}), /out of memory/)
  const doubling = `${D} local t = luaTable.new() for i = 1, 60 do local n = luaTable.new() n:set("a", t) n:set("b", t) t = n end d:set("t", t)`
  await assert.rejects(dataAfter(doubling, {}), /out of memory/)
  await assert.rejects(dataAfter(`${D} local t = {} t.t = t d:set("t", t)`, {}), /holds itself/)
})

test('a missing key is no value at all', async () => {
  await assert.rejects(
    dataAfter(`${D} local t = type(d:get("x"))`, {}),
    /bad argument #1 to type \(value expected\)/,
  )
})

test('pre and post run in one state, and requests are changed before the pipe', async () => {
  const config = {
    pre: 'local r = request.load() kept = r:query() r:query("z=%C3%A9") r:headers("x-a", "1") r:params("New", "p") r:body("new")',
    post: 'response.load():data():set("kept", kept)',
  }
  const { asked, response } = await run({ config })
  assert.deepEqual(asked, {
    ...REQUEST,
    query: ['z', 'é'],
    headers: ['User-Agent', 'ua', 'X-A', '1'],
    params: { Id: '1', New: 'p' },
    body: Buffer.from('new'),
  })
  assert.deepEqual(response.kind === 'data' && response.data, { ok: 1, kept: 'a=1&b=2' })
})

test('a partial answer passes untouched', async () => {
  const response = { ...answer({ a: 1 }), errors: [new GatewayError('upstream')] }
  const changed = await run({ config: { post: 'error("never")' }, response })
  assert.equal(changed.response, response)
})

test('a body that is passed on is read, replaced, and its length forgotten', async () => {
  const stream: ProxyResponse = {
    kind: 'stream',
    status: 404,
    headers: ['Content-Length', '3', 'X-A', 'a'],
    body: bodyOf(Buffer.from('abc')),
    isComplete: true,
    errors: [],
  }
  const post =
    'local r = response.load() r:statusCode(203) r:body("<" .. r:body() .. ">") r:headers("X-A", "x\\r\\ny")'
  const { response } = await run({ config: { post }, response: stream, outputEncoding: 'no-op' })
  assert.equal(response.kind, 'stream')
  if (response.kind !== 'stream') return
  assert.deepEqual([response.status, response.headers], [203, ['X-A', 'x  y']])
  assert.equal(String(await collect(response.body, 100)), '<abc>')
})

test('where an answer ends is not a script’s to say', async () => {
  const post = [
    'local r = response.load()',
    'for _, name in ipairs({"Content-Length", "Transfer-Encoding", "Trailer", "X-A"}) do r:headers(name, "3") end',
  ].join(' ')
  const stream: ProxyResponse = {
    kind: 'stream',
    status: 200,
    headers: ['Content-Length', '5'],
    body: bodyOf(Buffer.from('hello')),
    isComplete: true,
    errors: [],
  }
  for (const response of [stream, answer({ ok: 1 })]) {
    const outputEncoding = response.kind === 'stream' ? 'no-op' : 'json'
    const changed = await run({ config: { post }, response, outputEncoding })
    assert.deepEqual(changed.response.headers, ['X-A', '3'])
  }
  const same = await run({
    config: {
      post: 'local r = response.load() r:headers("Content-Length", "5") r:headers("X-A", "3")',
    },
    response: stream,
    outputEncoding: 'no-op',
  })
  assert.deepEqual(same.response.headers, ['Content-Length', '5', 'X-A', '3'])
})

test('skip_next calls nobody', async () => {
  const { asked, response } = await run({
    config: { skip_next: true, post: 'response.load():data():set("mock", 1)' },
  })
  assert.equal(asked, undefined)
  assert.deepEqual(response, { ...answer({ mock: 1 }), isComplete: false })
})

test('errors carry the text with its place, those of custom_error their status and type', async () => {
  const failing = (pre: string) => run({ config: { pre } })
  await assert.rejects(failing('local a = 1\nmissing()'), {
    code: 'component',
    message: 'attempt to call a non-function object (pre-script:L2)',
    status: undefined,
  })
  await assert.rejects(failing('custom_error("a || 401", 418, "text/x")'), {
    message: 'a || 401',
    status: 418,
    contentType: 'text/x',
  })
  await assert.rejects(failing('custom_error("plain")'), { message: 'plain', status: undefined })
})

test('http_response waits for an answer without holding up others, even inside of pcall and sort', async () => {
  const calls: string[] = []
  const destroyed: string[] = []
  const client = {
    send: async (call: { method: string; origin: string; path: string }) => {
      calls.push(`${call.method} ${call.origin}${call.path}`)
      await new Promise((resolve) => setImmediate(resolve))
      if (call.path === '/broken') throw new GatewayError('connect', { message: 'no way' })
      return {
        status: 201,
        header: () => undefined,
        headerList: () => ['X-A', 'a'],
        body: { ...bodyOf(Buffer.from('made')), destroy: () => destroyed.push(call.path) },
      }
    },
  }
  const post = [
    'local h = http_response.new("http://side/one?x=1", "POST", "body", {["X-L"] = {"a", "b"}})',
    `${D} d:set("status", h:statusCode()) d:set("body", h:body() .. h:body() .. h:headers("x-a"))`,
    'local ok, e = pcall(http_response.new, "http://side/broken") d:set("caught", tostring(ok) .. e)',
    'local t = {2, 1} table.sort(t, function(a, b) http_response.new("http://side/sort") return a < b end)',
  ].join(' ')
  const { response } = await run({ config: { post }, scope: scopeWith(client) })
  assert.deepEqual(response.kind === 'data' && response.data, {
    ok: 1,
    status: 201,
    body: 'mademadea',
    caught: 'false<string>:1: no way',
  })
  assert.deepEqual(calls, [
    'POST http://side/one?x=1',
    'GET http://side/broken',
    'GET http://side/sort',
  ])
  assert.deepEqual(destroyed, ['/sort'], 'a body that nobody reads is given up')
})

test('http_response refuses what is no HTTP', async () => {
  for (const args of ['"file:///etc/passwd"', '"http://x/", "A B", ""', '"http://x/", "GET"', ''])
    await assert.rejects(run({ config: { pre: `http_response.new(${args})` } }), GatewayError)
  const injection = '"http://x/", "GET", "", {["X-A"] = "a\\r\\nB: c"}'
  await assert.rejects(
    run({ config: { pre: `http_response.new(${injection})` } }),
    /invalid header field/,
  )
})
