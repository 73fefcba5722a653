import assert from 'node:assert/strict'
import { createCipheriv, hash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { startHttpServer } from '../../../test/support/http-server.ts'
import { type RunningGateway, startGateway } from '../../../test/support/start-gateway.ts'
import { publicJwk, testKeys, token } from '../../../test/support/tokens.ts'
import type { JsonObject } from '../../pipe/pipe.ts'

const keys = testKeys()
const next = { ...testKeys().rsa, kid: 'next' }
const claims = { sub: 'u-1', jti: 'a' }

/** An upstream and an identity provider in one; it counts and remembers what it was asked. */
const state = { served: [publicJwk(keys.rsa)], fetches: 0, tokens: 0, seen: [] as string[][] }
const server = await startHttpServer((request, response) => {
  response.setHeader('Content-Type', 'application/json')
  if (request.url === '/keys') {
    state.fetches++
    response.end(JSON.stringify({ keys: state.served }))
  } else if (request.url === '/token') {
    state.tokens++
    // Slow enough for all to ask meanwhile.
    setTimeout(() => response.end('{"access_token":"t","expires_in":3600}'), 100)
  } else if (request.url === '/hang') return
  else {
    state.seen.push(request.rawHeaders)
    response.end('{"ok":true}')
  }
})
after(() => server.close())

const validating = { 'auth/validator': { alg: 'RS256', jwk_url: `${server.url}/keys` } }
const withKeys = (more: JsonObject = {}): JsonObject => ({
  'auth/validator': { ...validating['auth/validator'], disable_jwk_security: true, ...more },
})
const endpoint = (at: string, extra: JsonObject, backend: JsonObject = {}): JsonObject => ({
  endpoint: at,
  input_headers: ['X-User'],
  extra_config: extra,
  backend: [{ host: [server.url], url_pattern: '/data', ...backend }],
})

async function status(gateway: RunningGateway, at: string, text?: string): Promise<number> {
  const headers: Record<string, string> =
    text === undefined ? {} : { authorization: `Bearer ${text}` }
  const response = await fetch(`${gateway.url}${at}`, { headers })
  await response.arrayBuffer()
  return response.status
}
const many = <T>(times: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, work))

for (const workers of [1, 4])
  describe(`auth with ${workers} request threads`, () => {
    it('fetches a key set once per process, and again when a key is unknown', async () => {
      state.served = [publicJwk(keys.rsa)]
      state.fetches = 0
      const config = {
        endpoints: [
          endpoint('/a', withKeys({ cache: true })),
          endpoint('/b', withKeys({ cache: true })),
        ],
      }
      await using gateway = await startGateway(config, { workers })
      const text = token('RS256', keys.rsa, claims)
      const statuses = await many(64, () => status(gateway, '/a', text))
      assert.deepEqual(new Set(statuses), new Set([200]))
      assert.equal(await status(gateway, '/b', text), 200)
      assert.equal(state.fetches, 1)
      state.served = [publicJwk(next), publicJwk(keys.rsa)]
      const rotated = token('RS256', next, claims)
      assert.deepEqual(
        new Set(await many(32, () => status(gateway, '/a', rotated))),
        new Set([200]),
      )
      assert.equal(state.fetches, 2)
      assert.equal(await status(gateway, '/a', text), 200)
    })

    it('loses no request while keys rotate, and trusts a dropped key in no thread', async () => {
      state.served = [publicJwk(keys.rsa)]
      const config = { endpoints: [endpoint('/a', withKeys({ cache: true }))] }
      await using gateway = await startGateway(config, { workers })
      const jwks = [keys.rsa, ...[1, 2].map((at) => ({ ...testKeys().rsa, kid: `key-${at}` }))]
      const texts = [token('RS256', keys.rsa, claims)]
      const statuses = new Set<number>()
      let isRotating = true
      const load = async (): Promise<void> => {
        for (let turn = 0; isRotating; turn++)
          statuses.add(await status(gateway, '/a', texts[turn % texts.length]))
      }
      const running = Promise.all([load(), load(), load(), load()])
      for (const jwk of jwks.slice(1)) {
        state.served = [publicJwk(jwk), ...state.served]
        const text = token('RS256', jwk, claims)
        assert.equal(await status(gateway, '/a', text), 200)
        texts.push(text)
        await many(16, () => status(gateway, '/a', text))
      }
      isRotating = false
      await running
      assert.deepEqual([...statuses], [200])
      state.served = [publicJwk(next)]
      assert.equal(await status(gateway, '/a', token('RS256', next, claims)), 200)
      const dropped = await many(32, () => status(gateway, '/a', texts[0]))
      assert.deepEqual(new Set(dropped), new Set([401]))
    })

    it('lets no claim write headers or paths of its own', async () => {
      state.served = [publicJwk(keys.rsa)]
      state.seen = []
      const propagating = withKeys({ cache: true, propagate_claims: [['sub', 'X-User']] })
      const config = {
        endpoints: [
          endpoint('/header', propagating),
          endpoint('/path', withKeys({ cache: true }), { url_pattern: '/{JWT.sub}' }),
        ],
      }
      await using gateway = await startGateway(config, { workers })
      for (const sub of ['a\r\nX-Evil: 1', 'a\nb', 'a\u0000b', ' HTTP/1.1\r\nHost: evil\r\n\r\n']) {
        const text = token('RS256', keys.rsa, { sub })
        assert.equal(await status(gateway, '/header', text), 500)
        assert.equal(await status(gateway, '/path', text), 500)
      }
      assert.deepEqual(state.seen, [])
      assert.equal(await status(gateway, '/header', token('RS256', keys.rsa, claims)), 200)
    })

    it('refuses revoked tokens in every thread at once, also after a restart', async () => {
      state.served = [publicJwk(keys.rsa)]
      const revoker = {
        ...{ N: 1000, P: 0.0001, TTL: 100, token_keys: ['jti'] },
        ...{ state_file: 'revoked', api_key: 'push-key' },
      }
      const config = {
        extra_config: { 'auth/revoker': revoker },
        endpoints: [endpoint('/a', withKeys({ cache: true }))],
      }
      await using gateway = await startGateway(config, { workers, admin: true })
      const [bad, good] = [token('RS256', keys.rsa, claims), token('RS256', keys.rsa, { jti: 'b' })]
      assert.deepEqual(new Set(await many(32, () => status(gateway, '/a', bad))), new Set([200]))
      const revoke = (authorization: string, body: string) =>
        fetch(`${gateway.adminUrl}/revoke`, { method: 'POST', headers: { authorization }, body })
      assert.equal((await revoke('Bearer wrong', '{"jti":"a"}')).status, 401)
      for (const body of ['', '[]', '{}', '{"sub":"a"}', '{"jti":1}', '{"jti":[]}', '{"jti":""}'])
        assert.equal((await revoke('Bearer push-key', body)).status, 400, body)
      assert.equal((await revoke('Bearer push-key', 'x'.repeat(2 << 20))).status, 413)
      assert.deepEqual(new Set(await many(32, () => status(gateway, '/a', bad))), new Set([200]))
      assert.equal((await revoke('Bearer push-key', '{"jti":["a","z"]}')).status, 200)
      assert.deepEqual(new Set(await many(32, () => status(gateway, '/a', bad))), new Set([401]))
      assert.deepEqual(new Set(await many(32, () => status(gateway, '/a', good))), new Set([200]))
      const check = await fetch(`${gateway.adminUrl}/revoke?jti=z`, {
        headers: { authorization: 'Bearer push-key' },
      })
      assert.deepEqual(await check.json(), { revoked: true })
      const kept = await readFile(path.join(gateway.dir, 'revoked'), 'utf8')
      assert.equal(kept.trim().split('\n').length, 2)
      assert.equal(await gateway.stop(), 0)
      const again = {
        ...config,
        extra_config: {
          'auth/revoker': { ...revoker, state_file: path.join(gateway.dir, 'revoked') },
        },
      }
      await using second = await startGateway(again, { workers })
      assert.deepEqual(new Set(await many(16, () => status(second, '/a', bad))), new Set([401]))
      assert.equal(await status(second, '/a', good), 200)
    })

    it('asks for one token for an upstream, however many wait, and not longer than they may', async () => {
      state.tokens = 0
      state.seen = []
      const credentials = (at: string) => ({
        extra_config: {
          'auth/client-credentials': {
            client_id: 'c',
            client_secret: 's',
            token_url: `${server.url}${at}`,
          },
        },
      })
      const config = {
        endpoints: [
          endpoint('/a', {}, credentials('/token')),
          { ...endpoint('/hang', {}, credentials('/hang')), timeout: '300ms' },
        ],
      }
      await using gateway = await startGateway(config, { workers })
      assert.deepEqual(new Set(await many(32, () => status(gateway, '/a'))), new Set([200]))
      assert.equal(state.tokens, 1)
      assert.ok(state.seen.every((raw) => raw.includes('Bearer t')))
      const startMs = performance.now()
      assert.equal(await status(gateway, '/hang'), 500)
      assert.ok(performance.now() - startMs < 3000)
    })
  })

describe('a sealed key file', () => {
  const plainKey = 'the key of the file'
  const nonce = randomBytes(12)
  const seal = createCipheriv('aes-256-gcm', Buffer.from(hash('md5', plainKey, 'hex')), nonce)
  const content = JSON.stringify({ keys: [publicJwk(keys.rsa)] })
  const sealed = Buffer.concat([nonce, seal.update(content), seal.final(), seal.getAuthTag()])
  const options: JsonObject = {
    jwk_url: '',
    jwk_local_path: 'keys.sealed',
    secret_url: 'hashivault://jwk',
    cypher_key: Buffer.from('vault:v1:x').toString('base64'),
  }
  const config = { endpoints: [endpoint('/', withKeys(options))] }

  it('is opened by Vault once, and its keys serve all threads', async () => {
    let calls = 0
    await using vault = await startHttpServer((_request, response) => {
      calls++
      response.end(JSON.stringify({ data: { plaintext: btoa(plainKey) } }))
    })
    const env = { VAULT_SERVER_URL: vault.url, VAULT_SERVER_TOKEN: 'token' }
    const files = { 'keys.sealed': sealed }
    await using gateway = await startGateway(config, { workers: 4, env, files })
    const ask = (key: JsonObject) => () => status(gateway, '/', token('RS256', key, claims))
    assert.deepEqual(new Set(await many(16, ask(keys.rsa))), new Set([200]))
    assert.deepEqual(new Set(await many(8, ask({ ...next, kid: 'rsa' }))), new Set([401]))
    assert.equal(await ask(next)(), 401)
    assert.equal(calls, 1)
  })

  it('that Vault does not open stops the start', async () => {
    const env = { VAULT_SERVER_URL: 'http://127.0.0.1:9' }
    await assert.rejects(
      startGateway(config, { env, files: { 'keys.sealed': sealed } }),
      /auth\/validator"\.secret_url: cypher_key was not opened/,
    )
  })
})
