import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseExactly } from '../../../decode/numbers.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject, ProxyRequest } from '../../../pipe/pipe.ts'
import { requestBindings, responseBindings, tokenBindings } from './bindings.ts'
import { celExpression } from './expression.ts'

/** What cel-go 0.29, as KrakenD 2.13 runs it, says to some five hundred expressions. */
const ANSWERS = JSON.parse(
  readFileSync(new URL('./cel-go-answers.json', import.meta.url), 'utf8'),
) as Readonly<Record<'true' | 'false' | 'error' | 'refused', string[]>> & { response: string }

/** Where this gateway differs, and why. */
const DIFFERENT: Readonly<Record<string, 'refused' | 'error'>> = {
  // The grammar of the library has no numbers without a digit in front, and no messages.
  '.5 == 0.5 // req': 'refused',
  'google.protobuf.Timestamp{seconds: 1} == timestamp(1) // req': 'refused',
  "google.protobuf.Duration{seconds: 1} == duration('1s') // req": 'refused',
  'google.protobuf.Struct{} == {} // req': 'refused',
  'google.protobuf.Int32Value{value: 1} == 1 // req': 'refused',
  // Keys that no look-up could ever find.
  '{null: 1}.size() == 1 // req': 'error',
  '{[1]: 1}.size() == 1 // req': 'error',
  // They fail for every request, so the start says it.
  "'abc'.matches('(') // req": 'refused',
  "'abc'.matches('a(?=b)') // req": 'refused',
  "string(null) == 'null' // req": 'refused',
  'null < null // req': 'refused',
  "req_method == 'GET' && resp_completed": 'refused',
  "JWT.sub == 'a' && req_method == 'GET'": 'refused',
}

const now = () => '2026-11-20T14:00:00.123Z'
const at = { path: 'p', owner: 'GET /' }
const request: ProxyRequest = {
  method: 'GET',
  host: '',
  path: '/e1',
  query: ['q', 'abc', 'q', 'def'],
  headers: ['X-A', '1', 'X-A', '2', 'X-Forwarded-For', '::1', 'User-Agent', 'KrakenD'],
  params: {},
  body: undefined,
}
const response = (data: JsonObject) =>
  responseBindings(
    {
      ...{ kind: 'data', data, sources: [], isComplete: true },
      ...{ status: 0, headers: [], errors: [] },
    },
    () => 'text',
    now,
  )

describe('an expression', () => {
  const ofRequest = requestBindings(request, now)
  const ofResponse = response(parseExactly(ANSWERS.response, true) as JsonObject)
  const answer = (source: string): string => {
    try {
      const bindings = source.includes('req') ? ofRequest : ofResponse
      const found = celExpression(source, at).evaluate(bindings)
      return found instanceof Error ? 'error' : String(found)
    } catch (error) {
      assert(error instanceof ConfigError, String(error))
      return 'refused'
    }
  }
  for (const expected of ['true', 'false', 'error', 'refused'] as const)
    it(`is ${expected} where cel-go finds it so`, () => {
      for (const source of ANSWERS[expected])
        assert.equal(answer(source), DIFFERENT[source] ?? expected, source)
    })
})

describe('an expression that would guard nothing', () => {
  const refused: [string, RegExp][] = [
    ['1 == 1', /never evaluated/],
    ['timestamp(now) > timestamp(0)', /never evaluated/],
    ['', /never evaluated/],
    ['req_user == 1', /undeclared reference to 'req_user'/],
    ['req_method == 1', /no overload of '=='/],
    ["req_method == 'a' &&", /syntax error/],
    ['JWT.frequency == 1', /never true: it has "req" in it/],
    ["req_method.lowerAscii() == 'get'", /no function of standard CEL/],
  ]
  for (const [source, reason] of refused)
    it(`stops the start: ${source}`, () =>
      assert.throws(() => celExpression(source, at), { name: 'ConfigError', message: reason }))

  it('runs where the other side decides without the unknown name', () => {
    const either = celExpression("req_method == 'GET' || resp_completed", at)
    assert.deepEqual(either.phases, ['req', 'resp'])
    assert.equal(either.evaluate(requestBindings(request, now)), true)
    assert.equal(either.evaluate(response({})), true)
  })
})

describe('hostile values', () => {
  const evaluate = (source: string, data: JsonObject) =>
    celExpression(source, at).evaluate(response(data))

  it('cannot make loops inside loops last', () => {
    const list = Array.from({ length: 100_000 }, (_item, index) => `x${index}`)
    const found = evaluate('resp_data.l.all(a, resp_data.l.exists(b, a == b))', { l: list })
    assert.match(String(found), /costs too much/)
    assert.match(
      String(evaluate('resp_data.l.all(a, resp_data.l.exists(b, a == b)) || true', { l: list })),
      /costs too much/,
    )
  })
  it('cannot bring patterns that take long', () => {
    const text = 'a'.repeat(1_000_000)
    const data = { text, pattern: '(a?){900}a{900}' }
    assert(evaluate('resp_data.text.matches(resp_data.pattern)', data) instanceof Error)
    const long = { text: 'a', pattern: 'a'.repeat(1000) }
    assert(evaluate('resp_data.text.matches(resp_data.pattern)', long) instanceof Error)
  })
  it('cannot end the stack', () => {
    let deep: JsonObject = {}
    for (let depth = 0; depth < 50_000; depth++) deep = { a: deep }
    const other = structuredCloneDeep(deep)
    assert(evaluate('resp_data.a == resp_data.b', { a: deep, b: other }) instanceof Error)
  })
  it('have no keys that they were not given', () => {
    const data = JSON.parse('{"__proto__": {"admin": true}, "a": {}}') as JsonObject
    assert.equal(evaluate("'constructor' in resp_data || 'toString' in resp_data.a", data), false)
    assert.equal(evaluate('has(resp_data.admin)', data), false)
    assert.equal(evaluate("resp_data['__proto__'].admin", data), true)
  })
  it('of tokens are doubles', () => {
    const claims = tokenBindings({ level: 3, name: 'ann' }, now)
    assert.equal(celExpression('JWT.level >= 3 && JWT.level == 3.0', at).evaluate(claims), true)
    assert(celExpression('JWT.name > 3', at).evaluate(claims) instanceof Error)
  })
})

/** A copy that recursion could not make. */
function structuredCloneDeep(deep: JsonObject): JsonObject {
  let depth = 0
  for (let each: unknown = deep; typeof each === 'object' && each !== null && 'a' in each; depth++)
    each = each.a
  let copy: JsonObject = {}
  for (let level = 0; level < depth; level++) copy = { a: copy }
  return copy
}
