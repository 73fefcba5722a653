import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import {
  authPlace,
  authScope,
  fileOf,
  nobody,
  noDeadline,
  publicJwk,
  requestWith,
  testKeys,
} from '../../../test/support/tokens.ts'
import { ConfigError, GatewayError } from '../../errors.ts'
import type { DataResponse, JsonObject } from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { type AlgorithmName, algorithms } from './jwk/algorithms.ts'
import { verifyingKey } from './jwk/keys.ts'
import { signer } from './signer.ts'

const keys = testKeys()
const jwks = fileOf('keys.json', JSON.stringify({ keys: Object.values(keys) }))
const open = fileOf('public.json', JSON.stringify({ keys: [publicJwk(keys.rsa)] }))
after(() => {
  jwks[Symbol.dispose]()
  open[Symbol.dispose]()
})

const answer = (data: JsonObject, more: Partial<DataResponse> = {}): DataResponse => ({
  ...{ kind: 'data', data, sources: [], isComplete: true, status: 0 },
  ...{ headers: [], errors: [], ...more },
})

function signing(config: JsonObject, response: () => Promise<DataResponse>, endpoint = {}) {
  const parts = authScope(nobody)
  let calls = 0
  const place = authPlace({
    endpoint,
    proxy: () => {
      calls++
      return response()
    },
  })
  const options = {
    ...{ alg: 'HS256', kid: 'oct', keys_to_sign: ['t'], jwk_local_path: jwks.file },
    ...{ disable_jwk_security: true, ...config },
  }
  const decorate = signer.prepare(options, place, parts.scope)
  assert.ok(decorate)
  const handler = decorate(() => assert.fail('the signer ends the handlers'))
  return {
    logged: parts.logged,
    ask: () => handler(requestWith([]), noDeadline()),
    calls: () => calls,
  }
}

describe('auth/signer', () => {
  it('adds no decorator without its namespace', () => {
    const { scope } = authScope(nobody)
    assert.deepEqual(decoratorsFor([signer], {}, authPlace(), scope), [])
  })

  it('signs with every algorithm what the other half verifies', async () => {
    const kinds: Partial<Record<AlgorithmName, JsonObject>> = {
      ...{ HS512: keys.oct, RS384: keys.rsa, PS256: keys.rsa, EdDSA: keys.ed },
      ...{ ES256: keys.p256, ES384: keys.p384, ES512: keys.p521 },
    }
    for (const [name, jwk] of Object.entries(kinds) as [AlgorithmName, JsonObject][]) {
      const { ask } = signing({ alg: name, kid: jwk['kid'] ?? '' }, async () =>
        answer({ t: { a: 1 } }),
      )
      const reply = await ask()
      const { t } = JSON.parse(String(reply.body)) as { t: string }
      const [header, payload, signature = ''] = t.split('.')
      const data = Buffer.from(`${header}.${payload}`)
      const key = verifyingKey(jwk['kty'] === 'oct' ? jwk : publicJwk(jwk))
      assert.ok(algorithms[name].verify(key, data, Buffer.from(signature, 'base64url')), name)
    }
  })

  it('writes claims as Go does: sorted by bytes, HTML escaped, numbers as they came', async () => {
    const bytes = Buffer.from(
      '{"t":{"b":1.50,"10":1e2,"9":12345678901234567890,"é":"<&>\\u2028","B":null}}',
    )
    const value = JSON.parse(bytes.toString()) as JsonObject
    const { ask } = signing({}, async () => answer(value, { sources: [{ value, text: bytes }] }))
    const { t } = JSON.parse(String((await ask()).body)) as { t: string }
    assert.equal(
      Buffer.from(t.split('.')[1] ?? '', 'base64url').toString(),
      '{"10":1e2,"9":12345678901234567890,"B":null,"b":1.50,"é":"\\u003c\\u0026\\u003e\\u2028"}',
    )
  })

  it('passes status and headers that a component set, and none of the gateway’s own', async () => {
    const set = { status: 201, headers: ['X-A', '1', 'X-A', '2', 'Content-Type', 'text/x'] }
    const reply = await signing({}, async () => answer({ a: 1 }, set)).ask()
    assert.equal(reply.status, 201)
    assert.deepEqual(reply.headers, ['Content-Type', 'application/json; charset=utf-8', 'X-A', '1'])
  })

  it('answers 400 to failures, partial answers and what cannot be signed', async () => {
    const failure = new GatewayError('timeout')
    assert.equal((await signing({}, () => Promise.reject(failure)).ask()).status, 400)
    const partial = answer({ t: {} }, { isComplete: false, errors: [failure] })
    assert.equal((await signing({}, async () => partial).ask()).status, 400)
    let deep: JsonObject = {}
    for (let depth = 0; depth < 200_000; depth++) deep = { a: deep }
    assert.equal((await signing({}, async () => answer({ t: deep })).ask()).status, 400)
  })

  it('answers 401 without calling anybody while there is no key, and warned of it', async () => {
    const unknown = signing({ kid: 'nope' }, async () => answer({}))
    assert.match(unknown.logged.join(), /kid: no key "nope" in the file: every request gets 401/)
    assert.equal((await unknown.ask()).status, 401)
    assert.equal(unknown.calls(), 0)
    const down = signing({ jwk_local_path: '', jwk_url: 'http://x/' }, async () => answer({}))
    assert.equal((await down.ask()).status, 401)
  })

  it('stops the start for keys that cannot sign', () => {
    const wrong = (config: JsonObject, pattern: RegExp, endpoint = {}) =>
      assert.throws(
        () => signing(config, async () => answer({}), endpoint),
        (error) => error instanceof ConfigError && pattern.test(error.message),
      )
    wrong({ alg: 'HS1' }, /alg: unknown/)
    wrong({ alg: 'RS256' }, /jwk_local_path: the key is not of the kind/)
    wrong({ alg: 'RS256', kid: 'rsa', jwk_local_path: open.file }, /the key is public/)
    wrong({ disable_jwk_security: false }, /disable_jwk_security/)
    wrong({}, /a signer needs data/, { outputEncoding: 'no-op' })
  })
})
