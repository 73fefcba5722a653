import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../pipe/pipe.ts'
import { cors } from './cors.ts'
import { tryGuard } from './try-guard.ts'

const ORIGIN = 'https://app.example'
const VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'

const preflight = async (config: JsonObject, ...headers: string[]) => {
  const { reply, passed } = await tryGuard(cors, config).send({
    method: 'OPTIONS',
    headers: ['Origin', ORIGIN, 'Access-Control-Request-Method', 'GET', ...headers],
  })
  return { ...reply, isPassed: passed !== undefined }
}
const actual = async (config: JsonObject, origin = ORIGIN, method = 'GET') =>
  (await tryGuard(cors, config).send({ method, headers: ['origin', origin] })).reply.headers

describe('a preflight', () => {
  it('is answered here, with what may be done', async () => {
    const config = { max_age: '12h', allow_credentials: true, options_success_status: 200 }
    assert.deepEqual(await preflight(config, 'Access-Control-Request-Headers', 'x-a,x-b'), {
      status: 200,
      headers: [
        ...['Vary', VARY, 'Access-Control-Allow-Origin', '*'],
        ...['Access-Control-Allow-Methods', 'GET', 'Access-Control-Allow-Headers', 'x-a,x-b'],
        ...['Access-Control-Allow-Credentials', 'true', 'Access-Control-Max-Age', '43200'],
      ],
      body: undefined,
      isPassed: false,
    })
  })
  it('says nothing but Vary to what is not allowed', async () => {
    for (const config of [
      { allow_origins: ['https://other.example'] },
      { allow_methods: ['get', 'POST'] },
    ])
      assert.deepEqual((await preflight(config)).headers, ['Vary', VARY])
  })
  it('is the endpoint’s with options_passthrough', async () => {
    const { status, headers, isPassed } = await preflight({ options_passthrough: true })
    assert.deepEqual([status, isPassed], [200, true])
    assert.deepEqual(headers.slice(-2), ['X-Own', '1'])
  })
  it('opens a private network only when asked to', async () => {
    const asked = ['Access-Control-Request-Private-Network', 'true']
    const { headers } = await preflight({ allow_private_network: true }, ...asked)
    assert.deepEqual(headers.slice(0, 2), [
      'Vary',
      `${VARY}, Access-Control-Request-Private-Network`,
    ])
    assert(headers.includes('Access-Control-Allow-Private-Network'))
    assert(
      !(await preflight({}, ...asked)).headers.includes('Access-Control-Allow-Private-Network'),
    )
  })
  it('tells browsers to forget at once when the age is negative, and nothing when it is below a second', async () => {
    assert.deepEqual((await preflight({ max_age: '-1s' })).headers.slice(-2), [
      'Access-Control-Max-Age',
      '0',
    ])
    assert(!(await preflight({ max_age: '900ms' })).headers.includes('Access-Control-Max-Age'))
  })
})

describe('headers that a preflight asks for', () => {
  const asks = async (...values: string[]) =>
    (
      await preflight(
        { allow_headers: ['X-Cart', 'Authorization', 'x-cart'] },
        ...values.flatMap((value) => ['Access-Control-Request-Headers', value]),
      )
    ).headers.length > 2
  const cases: [string[], boolean][] = [
    [['authorization,x-cart'], true],
    [['authorization, x-cart'], true],
    [['authorization', 'x-cart'], true],
    [['authorization,,x-cart,'], true],
    [['x-cart,authorization'], false],
    [['authorization,authorization'], false],
    [['Authorization'], false],
    [['authorization,  x-cart'], false],
    [[','.repeat(16)], false],
    [[','.repeat(15)], true],
  ]
  for (const [values, isAllowed] of cases)
    it(`${isAllowed ? 'may' : 'may not'} be ${JSON.stringify(values)}`, async () =>
      assert.equal(await asks(...values), isAllowed))
})

describe('an ordinary request', () => {
  it('earns its headers by origin and method, and is served in any case', async () => {
    const config = {
      allow_origins: ['https://*.example', 'null'],
      expose_headers: ['x-total', 'link'],
      allow_credentials: true,
    }
    assert.deepEqual(await actual(config, 'https://APP.example'), [
      ...['Vary', 'Origin', 'Access-Control-Allow-Origin', 'https://APP.example'],
      ...['Access-Control-Expose-Headers', 'X-Total, Link'],
      ...['Access-Control-Allow-Credentials', 'true', 'X-Own', '1'],
    ])
    for (const origin of ['https://.exampl', 'http://app.example', 'https://app.example.evil'])
      assert.deepEqual(await actual(config, origin), ['Vary', 'Origin', 'X-Own', '1'])
    assert.deepEqual(await actual(config, ORIGIN, 'PUT'), ['Vary', 'Origin', 'X-Own', '1'])
  })
})

describe('a configuration of cors that cannot work', () => {
  const wrong: [JsonObject, RegExp][] = [
    [{ max_age: '12 hours' }, /extra_config\."security\/cors"\.max_age: time: unknown unit/],
    [{ max_age: 5 }, /max_age: a value of another type/],
    [{ allow_origins: 'https://a' }, /allow_origins: a value of another type/],
    [{ allow_origins: [1] }, /allow_origins\[0\]/],
    [{ options_success_status: 99 }, /options_success_status: no status/],
  ]
  for (const [config, reason] of wrong)
    it(`stops the start: ${JSON.stringify(config)}`, () =>
      assert.throws(() => tryGuard(cors, config), { name: 'ConfigError', message: reason }))
})
