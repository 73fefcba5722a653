import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GatewayError } from '../../errors.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import type {
  DataResponse,
  JsonObject,
  JsonValue,
  Pipe,
  ProxyRequest,
  ProxyResponse,
} from '../../pipe/pipe.ts'
import type { BackendPlace, Scope } from '../feature.ts'
import { backendCel, cel } from './cel.ts'

const REQUEST: ProxyRequest = {
  ...{ method: 'GET', host: '', path: '/a%20b', query: [], params: {}, body: undefined },
  headers: ['X-Name', 'J\u00c3\u00bcrgen'],
}
const DATA: DataResponse = {
  ...{ kind: 'data', data: { id: 7, kind: 1 }, sources: [], isComplete: true },
  ...{ status: 0, headers: [], errors: [] },
}

function tryConditions(
  config: JsonValue,
  {
    extraConfig = {},
    feature = cel,
  }: { extraConfig?: JsonObject; feature?: typeof cel | typeof backendCel } = {},
) {
  const lines: string[] = []
  const write = (...words: readonly unknown[]) => void lines.push(words.join(' '))
  const log = { debug: () => {}, info: write, warning: write, error: write, critical: write }
  const place = {
    service: {},
    endpoint: {
      index: 0,
      endpoint: '/x',
      method: 'GET',
      extraConfig,
      backends: [{ extraConfig: {} }],
    },
    ...(feature === cel ? {} : { backend: { index: 1, urlPattern: '/u', extraConfig } }),
    tokenRejecters: [],
  } as unknown as BackendPlace
  const scope = { log, now: () => 0 } as unknown as Scope
  const decorate = feature.prepare(config, place, scope)
  const ask = (response: ProxyResponse = DATA, request = REQUEST): Promise<ProxyResponse> => {
    const next: Pipe = async () => response
    return (decorate?.(next) ?? next)(request, {} as Deadline)
  }
  return { decorate, ask, lines, rejecters: place.tokenRejecters }
}
const check = (...expressions: string[]) => expressions.map((check_expr) => ({ check_expr }))
const aborted = (index: number) => (error: unknown) =>
  error instanceof GatewayError &&
  error.status === undefined &&
  error.message === `request aborted by evaluator #${index}`

describe('validation/cel', () => {
  it('adds no decorator without expressions', () => {
    assert.equal(tryConditions([]).decorate, undefined)
    assert.equal(tryConditions(check("JWT.sub == 'a'")).decorate, undefined)
  })
  it('counts within a phase, and says in the log what it came to', async () => {
    const { ask, lines } = tryConditions(
      check("req_method == 'GET'", 'resp_completed', "resp_data.id == '8'"),
    )
    await assert.rejects(ask(), aborted(1))
    assert.deepEqual(lines, ['[ENDPOINT: /x][CEL][post] Evaluator #1 result: false'])
  })
  it('sees paths and headers as text, not as bytes', async () => {
    const { ask } = tryConditions(
      check("req_path == '/a b' && req_headers['X-Name'][0] == 'Jürgen'"),
    )
    assert.equal(await ask(), DATA)
  })
  it('does not look at partial answers', async () => {
    const { ask } = tryConditions(check('!resp_completed && resp_data.nope'))
    const partial = { ...DATA, errors: [new GatewayError('timeout')] }
    assert.equal(await ask(partial), partial)
    await assert.rejects(ask(), aborted(0))
  })
  it('gives up the stream that it refuses', async () => {
    let isDestroyed = false
    const destroy = () => {
      isDestroyed = true
    }
    const body = { start() {}, resume() {}, destroy }
    const stream: ProxyResponse = {
      ...{ kind: 'stream', status: 201, headers: ['X-Kind', 'doc'], body },
      ...{ isComplete: true, errors: [] },
    }
    const { ask } = tryConditions(check("resp_metadata_headers['X-Kind'][0] == 'doc'"))
    assert.equal(await ask(stream), stream)
    await assert.rejects(
      tryConditions(check('resp_metadata_status == 200')).ask(stream),
      aborted(0),
    )
    assert(isDestroyed)
  })
  it('reads numbers of answers as text, of static data and functions as doubles', async () => {
    const expressions = check("resp_data.id == '7' && resp_data.kind == 1.0")
    const extraConfig = { proxy: { static: { data: { kind: 1 } } } }
    assert.equal(await tryConditions(expressions, { extraConfig }).ask(), DATA)
    await assert.rejects(tryConditions(expressions).ask(), aborted(0))
    const lambda = { extraConfig: { 'backend/lambda': {} }, feature: backendCel }
    assert.equal(await tryConditions(check('resp_data.id == 7'), lambda).ask(), DATA)
  })
  it('hands conditions on tokens to the validator, and says so when there is none', () => {
    const expressions = check("'admin' in JWT.roles")
    const { rejecters, lines } = tryConditions(expressions)
    assert.deepEqual(
      [{ roles: ['admin'] }, { roles: ['user'] }, {}].map((claims) => rejecters[0]?.(claims)),
      [false, true, true],
    )
    assert.match(lines[0] ?? '', /no auth\/validator: nobody looks at them/)
    const guarded = tryConditions(expressions, { extraConfig: { 'auth/validator': {} } })
    assert.deepEqual(guarded.lines, [])
  })
  it('warns of an expression that is no condition, and refuses', async () => {
    const { ask, lines } = tryConditions(check('req_method'))
    assert.match(lines[0] ?? '', /check_expr: "req_method" is never true or false/)
    await assert.rejects(ask(), aborted(0))
  })
  it('stops the start where a rule could not work, with its place', () => {
    const place = 'endpoints[0].extra_config."validation/cel"'
    const wrong: [JsonValue, string][] = [
      [
        check("req_method == 'GET'", 'req_method =='),
        `${place}[1].check_expr: GET /x: syntax error`,
      ],
      [[{ mod_expr: 'x' }], `${place}[0].check_expr: GET /x: an expression is wanted`],
      [check("req_method.matches('(')"), `${place}[0].check_expr: error parsing regexp`],
      [{}, `${place}: a list of conditions is wanted`],
    ]
    for (const [config, message] of wrong)
      assert.throws(
        () => tryConditions(config),
        (error: Error) => error.name === 'ConfigError' && error.message.startsWith(message),
      )
    assert.throws(() => tryConditions(check('JWT.a == 1'), { feature: backendCel }), {
      message: /endpoints\[0\]\.backend\[1\].*never evaluated/,
    })
  })
})
