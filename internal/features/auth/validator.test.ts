import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, describe, it } from 'node:test'
import {
  authPlace,
  authScope,
  bearer,
  fileOf,
  nobody,
  noDeadline,
  publicJwk,
  reached,
  requestWith,
  testKeys,
  token,
} from '../../../test/support/tokens.ts'
import { ConfigError } from '../../errors.ts'
import type { ClientRequest, JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { ALGORITHM_NAMES, type AlgorithmName } from './jwk/algorithms.ts'
import { KeyStore, type KeyWish } from './jwk/key-store.ts'
import { validator } from './validator.ts'

const keys = testKeys()
const jwks = fileOf('jwks.json', JSON.stringify({ keys: Object.values(keys).map(publicJwk) }))
after(() => jwks[Symbol.dispose]())

const LOCAL = { jwk_local_path: jwks.file, disable_jwk_security: true }
const KEY_OF: Record<AlgorithmName, JsonObject> = {
  ...{ EdDSA: keys.ed, HS256: keys.oct, HS384: keys.oct, HS512: keys.oct },
  ...{ RS256: keys.rsa, RS384: keys.rsa, RS512: keys.rsa },
  ...{ PS256: keys.rsa, PS384: keys.rsa, PS512: keys.rsa },
  ...{ ES256: keys.p256, ES384: keys.p384, ES512: keys.p521 },
}
const NOW = 1_800_000_000
const good = (claims: JsonObject = {}) => token('RS256', keys.rsa, { sub: 'u-1', ...claims })

function validating(config: JsonObject, place = authPlace(), parts = authScope(nobody)) {
  const decorate = validator.prepare({ alg: 'RS256', ...LOCAL, ...config }, place, parts.scope)
  assert.ok(decorate)
  const { handler, requests } = reached()
  const handle = decorate(handler)
  const ask = async (request: ClientRequest) => (await handle(request, noDeadline())).status
  return { ...parts, ask, with: (text: string) => ask(bearer(text)), requests }
}
const isConfigError = (pattern: RegExp) => (error: unknown) =>
  error instanceof ConfigError && pattern.test(error.message)

describe('auth/validator', () => {
  it('adds no decorator without its namespace', () => {
    const { scope } = authScope(nobody)
    assert.deepEqual(decoratorsFor([validator], {}, authPlace(), scope), [])
  })

  it('takes every algorithm with a key of its kind, and no other algorithm', async () => {
    for (const alg of ALGORITHM_NAMES) {
      const endpoint = validating({ alg })
      for (const other of ALGORITHM_NAMES) {
        const status = await endpoint.with(token(other, KEY_OF[other], { sub: 'u' }))
        assert.equal(status, other === alg ? 200 : 401, `${other} where ${alg} is wanted`)
      }
    }
  })

  it('refuses a token that anything was changed in', async () => {
    const endpoint = validating({})
    const [header = '', payload = '', signature = ''] = good().split('.')
    const flipped = (text: string) => `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`
    const forged = Buffer.from('{"sub":"admin"}').toString('base64url')
    for (const changed of [
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.${flipped(signature)}`,
      `${flipped(header)}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.`,
      `${header}.${payload}.=${signature}`,
      `${header}.${payload}.${signature.replaceAll('-', '+')}+`,
      '..',
      '',
    ])
      assert.equal(await endpoint.with(changed), 401, changed)
    assert.equal(await endpoint.with(`${header}.${payload}.${signature}`), 200)
    assert.equal(await endpoint.with(`${header}.${payload}.${signature}=`), 200)
  })

  it('refuses alg none, signed or not', async () => {
    const endpoint = validating({})
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: 'rsa' })).toString('base64url')
      const payload = Buffer.from('{"sub":"u"}').toString('base64url')
      assert.equal(await endpoint.with(`${header}.${payload}.`), 401)
      assert.equal(await endpoint.with(`${header}.${payload}.${good().split('.')[2]}`), 401)
    }
  })

  it('never takes a public key for an HMAC secret', async () => {
    const { default: crypto } = await import('node:crypto')
    const pem = crypto
      .createPublicKey({ key: publicJwk(keys.rsa) as never, format: 'jwk' })
      .export({ type: 'spki', format: 'pem' })
    const header = Buffer.from('{"alg":"HS256","kid":"rsa"}').toString('base64url')
    const signed = `${header}.${Buffer.from('{"sub":"admin"}').toString('base64url')}`
    const forged = `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`
    assert.equal(await validating({ alg: 'RS256' }).with(forged), 401)
    assert.equal(await validating({ alg: 'HS256' }).with(forged), 401)
  })

  it('looks keys up by id only: ids that look like paths, SQL or prototypes find nothing', async () => {
    const endpoint = validating({})
    for (const kid of ['../../dev/null', "x' UNION SELECT 'k", '__proto__', 'constructor', ''])
      assert.equal(await endpoint.with(token('RS256', keys.rsa, { sub: 'u' }, { kid })), 401, kid)
    for (const kid of [1, ['rsa'], { rsa: 1 }, true])
      assert.equal(await endpoint.with(token('RS256', keys.rsa, { sub: 'u' }, { kid })), 401)
    assert.equal(await endpoint.with(token('RS256', keys.rsa, {}, { kid: 'k'.repeat(5000) })), 401)
  })

  it('never follows jku, x5u, jwk or x5c of a token', async () => {
    const own = testKeys().rsa
    const parts = authScope(nobody)
    const endpoint = validating({}, authPlace(), parts)
    const forged = token('RS256', { ...own, kid: 'rsa' }, { sub: 'admin' }, {
      jku: 'http://127.0.0.1:1/keys',
      x5u: 'http://127.0.0.1:1/cert',
      jwk: publicJwk(own),
      x5c: ['AAAA'],
    } as JsonObject)
    assert.equal(await endpoint.with(forged), 401)
    assert.deepEqual(parts.asked, [])
    const honest = token('RS256', keys.rsa, { sub: 'u' }, { jku: 'http://127.0.0.1:1/keys' })
    assert.equal(await endpoint.with(honest), 200)
  })

  it('refuses extensions that must be understood', async () => {
    const critical = token('RS256', keys.rsa, { sub: 'u' }, { crit: ['b64'], b64: false })
    assert.equal(await validating({}).with(critical), 401)
    const unencoded = token('RS256', keys.rsa, { sub: 'u' }, { b64: false })
    assert.equal(await validating({}).with(unencoded), 401)
  })

  it('refuses tokens longer than any issuer writes before it verifies them', async () => {
    const endpoint = validating({})
    assert.equal(await endpoint.with(good({ x: 'a'.repeat(30_000) })), 200)
    assert.equal(await endpoint.with(good({ x: 'a'.repeat(80_000) })), 401)
  })

  it('refuses claims that nest without end, and headers too', async () => {
    const endpoint = validating({})
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    assert.equal(await endpoint.with(token('RS256', keys.rsa, deep)), 401)
    const header = Buffer.from(`{"alg":"RS256","kid":${deep}}`).toString('base64url')
    assert.equal(await endpoint.with(`${header}.${header}.${header}`), 401)
  })

  it('refuses a claim that stands twice, at any depth', async () => {
    const endpoint = validating({})
    for (const claims of [
      '{"sub":"u","sub":"admin"}',
      '{"a":{"b":1,"b":2}}',
      '{"a":[{"b":1,"\\u0062":2}]}',
      '{"__proto__":1,"__proto__":2}',
    ])
      assert.equal(await endpoint.with(token('RS256', keys.rsa, claims)), 401, claims)
    assert.equal(await endpoint.with(token('RS256', keys.rsa, '{"a":":","b":"\\":"}')), 200)
  })

  it('takes __proto__ and its like as names without meaning', async () => {
    const claims = '{"__proto__":{"roles":["admin"]},"constructor":{"roles":["admin"]},"sub":"u"}'
    const text = token('RS256', keys.rsa, claims)
    assert.equal(await validating({ roles: ['admin'] }).with(text), 403)
    const nested = { roles_key_is_nested: true, roles: ['admin'] }
    for (const key of ['__proto__.roles', 'constructor.roles'])
      assert.equal(await validating({ ...nested, roles_key: key }).with(text), 200)
    const empty = good()
    for (const key of ['__proto__.roles', 'constructor.name', 'toString.name'])
      assert.equal(await validating({ ...nested, roles_key: key }).with(empty), 403)
    assert.equal(({} as JsonObject)['roles'], undefined)
  })

  it('refuses claims that are no object, and times and names of another type', async () => {
    const endpoint = validating({})
    for (const claims of ['null', '[]', '"x"', '1', '', '{"sub":', '{"exp":"1"}', '{"exp":true}'])
      assert.equal(await endpoint.with(token('RS256', keys.rsa, claims)), 401, claims)
    for (const claims of [
      '{"exp":1e400}',
      '{"exp":1e300}',
      '{"iss":1}',
      '{"aud":[1]}',
      '{"aud":null}',
    ])
      assert.equal(await endpoint.with(token('RS256', keys.rsa, claims)), 401, claims)
    for (const claims of ['{"exp":null}', '{"iss":null}', '{"nbf":null,"sub":null}'])
      assert.equal(await endpoint.with(token('RS256', keys.rsa, claims)), 200, claims)
  })

  it('takes JSON serialisation with one signature', async () => {
    const endpoint = validating({})
    const [encoded = '', payload = '', signature = ''] = good().split('.')
    const flat = { payload, protected: encoded, signature }
    assert.equal(await endpoint.with(JSON.stringify(flat)), 200)
    const one = { protected: encoded, signature }
    assert.equal(await endpoint.with(JSON.stringify({ payload, signatures: [one] })), 200)
    assert.equal(await endpoint.with(JSON.stringify({ payload, signatures: [one, one] })), 401)
    assert.equal(await endpoint.with(JSON.stringify({ ...flat, header: { alg: 'none' } })), 401)
    assert.equal(await endpoint.with(JSON.stringify({ payload, header: { alg: 'RS256' } })), 401)
  })

  it('finds the token in header or cookie as Go reads them', async () => {
    const text = good()
    const endpoint = validating({ cookie_key: 'session' })
    const status = (...headers: string[]) => endpoint.ask(requestWith(headers))
    assert.equal(await status('authorization', `bearer ${text}`), 200)
    assert.equal(await status('AUTHORIZATION', text), 200)
    assert.equal(await status('Cookie', `a=b; session="${text}"`), 200)
    assert.equal(await status('Cookie', 'a=b', 'Cookie', `session=${text}`), 200)
    assert.equal(await status('Cookie', `session=x\\; session=${text}`), 200)
    assert.equal(await status('Authorization', 'Bearer x', 'Cookie', `session=${text}`), 401)
    assert.equal(await status('Authorization', '', 'Cookie', `session=${text}`), 200)
    assert.equal(await status(), 401)
  })

  it('grants nothing for roles and scopes that are no texts', async () => {
    const endpoint = validating({ roles: ['1', 'true', 'null', 'admin'] })
    for (const roles of [[1, true, null], { admin: true }, 1, null] as JsonValue[])
      assert.equal(await endpoint.with(good({ roles })), 403)
    assert.equal(await endpoint.with(good({ roles: [1, 'admin'] })), 200)
    const all = validating({ scopes: ['a', 'b'], scopes_key: 'scope', scopes_matcher: 'all' })
    assert.equal(await all.with(good({ scope: 'b a' })), 200)
    assert.equal(await all.with(good({ scope: ['a'] })), 403)
    assert.equal(await all.with(good({ scope: [] })), 403)
    const any = validating({ scopes: ['a'], scopes_key: 'x.scope' })
    assert.equal(await any.with(good({ x: { scope: 'c a' } })), 200)
    assert.equal(await any.with(good({ 'x.scope': 'a' })), 403)
    assert.equal(await validating({ scopes: ['a'] }).with(good()), 200)
  })

  it('asks the rejecters of the endpoint for every token, kept or not', async () => {
    const place = authPlace()
    let isRejected = false
    place.tokenRejecters.push((claims) => isRejected && claims['sub'] === 'u-1')
    const endpoint = validating({}, place)
    const text = good()
    assert.equal(await endpoint.with(text), 200)
    isRejected = true
    assert.equal(await endpoint.with(text), 401)
    isRejected = false
    assert.equal(await endpoint.with(text), 200)
  })

  it('says why only with operation_debug, and never repeats the token', async () => {
    const quiet = validating({})
    await quiet.with(good({ exp: 1 }))
    assert.deepEqual(quiet.logged, [])
    const loud = validating({ operation_debug: true, roles: ['r'] })
    await loud.ask(requestWith([]))
    await loud.with(good({ exp: 1 }))
    await loud.with(good())
    assert.match(loud.logged[0] ?? '', /^\[ENDPOINT: \/x\]\[JWTValidator\] .*Token not found/)
    assert.match(loud.logged[1] ?? '', /token is expired/)
    assert.match(loud.logged[2] ?? '', /sufficient roles/)
    assert.ok(!loud.logged.join().includes('eyJ'))
  })

  it('stops the start for what cannot work', () => {
    const wrong = (config: JsonObject, pattern: RegExp) =>
      assert.throws(
        () => validating({ ...config }),
        isConfigError(
          new RegExp(`^endpoints\\[0\\]\\.extra_config\\."auth/validator"\\.${pattern.source}`),
        ),
        JSON.stringify(config),
      )
    wrong({ alg: '' }, /alg: is missing/)
    wrong({ alg: 'none' }, /alg: unknown/)
    wrong({ disable_jwk_security: false }, /jwk_local_path: .*disable_jwk_security/)
    wrong({ jwk_local_path: '/nowhere.json' }, /jwk_local_path: cannot read/)
    wrong({ cache: true }, /cache: cache could not be used/)
    wrong({ jwk_local_path: '' }, /jwk_url: no keys/)
    wrong({ jwk_local_path: '', jwk_url: 'ftp://x' }, /jwk_url: no http URL/)
    const remote = { jwk_local_path: '', jwk_url: 'https://id.example/keys' }
    wrong({ ...remote, jwk_fingerprints: ['??'] }, /jwk_fingerprints\[0\]: no SHA-256/)
    wrong({ ...remote, jwk_local_ca: '/nowhere.pem' }, /jwk_local_ca: cannot read/)
    wrong({ ...remote, jwk_local_ca: jwks.file }, /jwk_local_ca: .*no certificate/)
    wrong({ ...remote, cipher_suites: [1] }, /cipher_suites\[0\]: unknown/)
    wrong({ ...remote, failed_jwk_key_cooldown: 'soon' }, /failed_jwk_key_cooldown: time: invalid/)
    wrong({ ...remote, cache: true, cache_duration: -1 }, /cache_duration: not a number/)
    wrong({ propagate_claims: ['a'] }, /propagate_claims\[0\]: no pair/)
    wrong({ propagate_claims: [['a', 'x y']] }, /propagate_claims\[0\]: no header name/)
    wrong(
      { secret_url: 'gcpkms://x', cypher_key: 'AAAA' },
      /secret_url: no key of Google Cloud KMS in it/,
    )
    for (const [text, reason] of [
      ['x', /no JSON/],
      ['{}', /no list of keys/],
      ['{"keys":[]}', /holds no key/],
      ['{"keys":[{"kty":"odd"}]}', /key 0 of the set: unknown key type/],
      ['{"keys":[{"kty":"oct","k":""}]}', /key 0 of the set: the secret is empty/],
      ['{"keys":[{"kty":"RSA","n":"AQAB"}]}', /key 0 of the set: the RSA key is broken/],
    ] as const) {
      using broken = fileOf('keys.json', text)
      assert.throws(() => validating({ jwk_local_path: broken.file }), isConfigError(reason))
    }
  })

  it('starts with a leeway it cannot read, and says what it uses', async () => {
    const endpoint = validating({ leeway: 'soon' })
    assert.match(endpoint.logged.join(), /leeway: unknown value soon: 1s/)
    assert.equal(await endpoint.with(good({ exp: NOW - 1 })), 200)
    assert.equal(await endpoint.with(good({ exp: NOW - 2 })), 401)
  })
})

describe('verdicts that are kept', () => {
  it('end when the token expires', async () => {
    const endpoint = validating({})
    const text = good({ exp: NOW + 10 })
    assert.equal(await endpoint.with(text), 200)
    endpoint.time.nowMs += 11_000
    assert.equal(await endpoint.with(text), 200)
    endpoint.time.nowMs += 1
    assert.equal(await endpoint.with(text), 401)
  })

  it('hold for the validator that found them, and for equal ones', async () => {
    const parts = authScope(nobody)
    const first = validating({ audience: ['a'] }, authPlace(), parts)
    const other = validating({ audience: ['b'] }, authPlace(), parts)
    const text = good({ aud: 'a' })
    assert.equal(await first.with(text), 200)
    assert.equal(await other.with(text), 401)
    assert.equal(await validating({ audience: ['a'] }, authPlace(), parts).with(text), 200)
  })

  it('end when the key set changes, and not when it is fetched again as it was', async () => {
    const next = testKeys().rsa
    let served = [publicJwk(keys.rsa)]
    let fetches = 0
    const store = storeOf(async () => {
      fetches++
      return served
    })
    const endpoint = remote(store, { cache: true, cache_duration: 60 })
    const text = good()
    for (let time = 0; time < 3; time++) assert.equal(await endpoint.with(text), 200)
    assert.equal(fetches, 1)
    endpoint.time.nowMs += 61_000
    assert.equal(await endpoint.with(text), 200)
    assert.equal(fetches, 2)
    served = [{ ...publicJwk(next), kid: 'next' }]
    endpoint.time.nowMs += 61_000
    assert.equal(await endpoint.with(text), 401)
    assert.equal(await endpoint.with(token('RS256', { ...next, kid: 'next' }, { sub: 'u' })), 200)
    assert.equal(fetches, 3)
  })

  it('end in every thread when one of them made the key set known that took their key back', async () => {
    const next = { ...testKeys().rsa, kid: 'next' }
    let served = [publicJwk(keys.rsa)]
    const threads: ReturnType<typeof remote>[] = []
    const store = new KeyStore({
      fetch: async () => served,
      clock: () => time.nowMs,
      changed(version) {
        const [source] = threads.flatMap(({ asked }) => asked) as { source: JsonObject }[]
        for (const thread of threads)
          thread.tell({ source: JSON.stringify(source?.source), version })
      },
    })
    threads.push(remote(store, { cache: true }), remote(store, { cache: true }))
    for (const thread of threads) assert.equal(await thread.with(good()), 200)
    served = [publicJwk(next)]
    assert.equal(await threads[0]?.with(token('RS256', next, { sub: 'u' })), 200)
    for (const thread of threads) assert.equal(await thread.with(good()), 401)
  })

  it('are none where keys are not kept, nor with verdict_cache off', async () => {
    let fetches = 0
    const store = storeOf(async () => {
      fetches++
      return [publicJwk(keys.rsa)]
    })
    const endpoint = remote(store, {})
    const text = good()
    assert.equal(await endpoint.with(text), 200)
    assert.equal(await endpoint.with(text), 200)
    assert.equal(fetches, 2)
    assert.equal(await validating({ verdict_cache: false }).with(text), 200)
  })

  const time = { nowMs: 1_800_000_000_000 }
  const storeOf = (fetch: () => Promise<JsonObject[]>) =>
    new KeyStore({ fetch, clock: () => time.nowMs, changed: () => {} })
  function remote(store: KeyStore, config: JsonObject) {
    const parts = authScope(
      async (_topic, question) =>
        (await store.answer(question as unknown as KeyWish)) as unknown as JsonValue,
    )
    Object.defineProperty(parts.time, 'nowMs', {
      get: () => time.nowMs,
      set: (value: number) => {
        time.nowMs = value
      },
    })
    const url = { jwk_local_path: '', jwk_url: 'https://id.example/keys' }
    return validating({ ...url, ...config }, authPlace(), parts)
  }
})
