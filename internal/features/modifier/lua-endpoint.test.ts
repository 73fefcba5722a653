import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { ConfigError } from '../../errors.ts'
import type { ClientRequest, JsonValue, Reply } from '../../pipe/pipe.ts'
import { decoratorsFor, type EndpointPlace, type Scope } from '../feature.ts'
import { deadlineAt } from './lua/machine-for-tests.ts'
import { luaEndpoint, luaService } from './lua-endpoint.ts'

const REQUEST: ClientRequest = {
  method: 'GET',
  path: '/x/1',
  rawQuery: 'q=1',
  headers: ['Host', 'h.test', 'x-in', 'in', 'X-In', 'again'],
  host: 'h.test',
  peerAddress: '127.0.0.1',
  clientAddress: '127.0.0.1',
  isEncrypted: false,
  params: { id: '1' },
  body: undefined,
}
const FOREVER = deadlineAt(Number.POSITIVE_INFINITY)

function scopeForLua() {
  const lines: string[] = []
  const log = (...words: unknown[]) => void lines.push(words.join(' '))
  const scope = {
    log: { debug: log, info: log, warning: log, error: log, critical: log },
    holder: {
      hold: async (body: Readable) => Buffer.concat((await body.toArray()) as Buffer[]),
    },
    client: {},
    maxDecodeBytes: 1 << 20,
  }
  return { scope: scope as unknown as Scope, lines }
}
const place = {
  service: { router: { disableHealth: false, healthPath: '/__health' } },
  endpoint: { index: 0, endpoint: '/x/{id}' },
} as unknown as EndpointPlace

/** What comes out of a script: the request that goes on, or the reply; and what was logged. */
async function scripted(pre: string, more: Record<string, JsonValue> = {}, request = REQUEST) {
  const { scope, lines } = scopeForLua()
  const decorate = luaEndpoint.prepare({ pre, ...more }, place, scope)
  assert.ok(decorate !== undefined)
  let passed: ClientRequest | undefined
  const handle = decorate(async (changed) => {
    passed = changed
    return { status: 200, headers: [], body: undefined }
  })
  const reply: Reply = await handle(request, FOREVER)
  return { passed, reply, lines }
}

test('absent configuration adds no decorator', () => {
  const { scope } = scopeForLua()
  assert.deepEqual(decoratorsFor([luaEndpoint], {}, place, scope), [])
})

test('a request that a script only reads goes on as it is', async () => {
  const { passed } = await scripted(
    'local c = ctx.load() local q = c:query("q") .. c:headers("x-in")',
  )
  assert.equal(passed, REQUEST)
})

test('headers are read and replaced by canonical name', async () => {
  const { passed } = await scripted(
    'local c = ctx.load() c:headers("x-in", c:headers("X-IN") .. c:headerList("X-In"):len() .. c:headers("Host"))',
  )
  assert.deepEqual(passed?.headers, ['Host', 'h.test', 'X-In', 'in2'])
})

test('a body is read when it is asked for, and passed on again', async () => {
  const request = { ...REQUEST, body: Readable.from([Buffer.from('ab'), Buffer.from('cd')]) }
  const { passed } = await scripted(
    'local c = ctx.load() c:body(c:body() .. #c:body())',
    {},
    request,
  )
  assert.equal(String(passed?.body), 'abcd4')
})

test('query strings and parameters are written for what comes after', async () => {
  const { passed } = await scripted(
    'local c = ctx.load() c:query("z", "é &") c:params("id", c:params("id") .. "!")',
  )
  assert.equal(passed?.rawQuery, 'q=1&z=%C3%A9+%26')
  assert.deepEqual(passed?.params, { id: '1!' })
})

test('a header that would end its line is refused', async () => {
  const { reply, lines } = await scripted('ctx.load():headers("X-A", "a\\r\\nX-Evil: 1")')
  assert.equal(reply.status, 500)
  assert.deepEqual(lines, [
    '[ENDPOINT: /x/:id][Lua] invalid header field value for "X-A" (pre-script:L1)',
  ])
})

test('custom_error gives status and type, and no body', async () => {
  const { reply, passed } = await scripted('custom_error("no", 403, "application/json")')
  assert.equal(passed, undefined)
  assert.deepEqual(reply, {
    status: 403,
    headers: ['Content-Type', 'application/json'],
    body: undefined,
    errors: ['no'],
  })
})

test('a status that HTTP does not have is 500', async () => {
  for (const status of ['0', '99', '1e9', '-5', '0/0'])
    assert.equal((await scripted(`custom_error("no", ${status})`)).reply.status, 500)
})

test('no global of one execution is there in the next one', async () => {
  const { scope, lines } = scopeForLua()
  const pre = [
    'print(seen, table.extra, luaTable.extra, type(ctx.load), type(print))',
    'seen = true table.extra = 1 luaTable.extra = 2 ctx.load = nil pcall = nil',
    'getmetatable(luaTable.new()).__index.get = nil',
    'local env = getfenv(1) env.type = nil',
  ].join(' ')
  const handle = luaEndpoint.prepare(
    { pre: pre.replace('type = nil', 'other = 1') },
    place,
    scope,
  )?.(async () => ({ status: 200, headers: [], body: undefined }))
  await handle?.(REQUEST, FOREVER)
  await handle?.(REQUEST, FOREVER)
  const line = '[ENDPOINT: /x/:id][Lua] nil\tnil\tnil\tfunction\tfunction'
  assert.deepEqual(lines, [line, line])
})

test('two executions at the same time see nothing of each other', async () => {
  const { scope, lines } = scopeForLua()
  const pre = 'local c = ctx.load() mine = c:body() c:body() print(mine)'
  const handle = luaEndpoint.prepare(
    { pre },
    place,
    scope,
  )?.(async () => ({
    status: 200,
    headers: [],
    body: undefined,
  }))
  const bodies = ['one', 'two', 'three']
  await Promise.all(
    bodies.map((text) =>
      handle?.({ ...REQUEST, body: Readable.from([Buffer.from(text)]) }, FOREVER),
    ),
  )
  assert.deepEqual(lines.map((line) => line.split(' ').at(-1)).sort(), [...bodies].sort())
})

test('without open libraries there is no string, os or io, and base and table are there', async () => {
  const pre =
    'print(type(string), type(os), type(io), type(math), type(table), type(pcall), type(require), pcall(function() return ("x"):upper() end))'
  const { lines } = await scripted(pre)
  assert.match(lines[0] ?? '', /nil\tnil\tnil\tnil\ttable\tfunction\tfunction\tfalse/)
  const open = await scripted('print(type(os), ("x"):upper())', { allow_open_libs: true })
  assert.match(open.lines[0] ?? '', /table\tX/)
})

test('what would end or block the gateway is not there', async () => {
  const { reply, lines } = await scripted('os.exit(1)', { allow_open_libs: true })
  assert.equal(reply.status, 500)
  assert.match(lines[0] ?? '', /os\.exit is not available in a gateway/)
})

test('a script that is no Lua is a warning at the start and a failure for each request', async () => {
  const { reply, lines } = await scripted('local a = 1\nlokal b')
  assert.equal(reply.status, 500)
  assert.match(
    lines[0] ?? '',
    /endpoints\[0\].*"modifier\/lua-endpoint".*'b': parse error \(pre-script:L2\)/,
  )
})

const UNUSABLE: readonly (readonly [name: string, config: JsonValue, message: RegExp])[] = [
  ['is missing', { sources: ['nowhere.lua'] }, /unable to load required source nowhere\.lua/],
  [
    'has another checksum',
    { sources: [import.meta.filename], md5: { [import.meta.filename]: '0'.repeat(32) } },
    /wrong checksum for source/,
  ],
  ['is not listed and has a checksum', { md5: { 'x.lua': '00' } }, /not among the sources/],
  ['is no text', { sources: [3] }, /a file/],
]
for (const [name, config, message] of UNUSABLE)
  test(`a source that ${name} stops the start`, () => {
    const { scope } = scopeForLua()
    assert.throws(
      () => luaEndpoint.prepare(config, place, scope),
      (problem) => problem instanceof ConfigError && message.test(problem.message),
    )
  })

test("the service's script does not see health, and what it refuses is 500", async () => {
  const { scope } = scopeForLua()
  const handle = luaService.prepare(
    { pre: 'custom_error("no", 403)' },
    place,
    scope,
  )?.(async () => ({
    status: 200,
    headers: [],
    body: undefined,
  }))
  assert.equal((await handle?.({ ...REQUEST, path: '/__health' }, FOREVER))?.status, 200)
  assert.equal((await handle?.(REQUEST, FOREVER))?.status, 500)
})
