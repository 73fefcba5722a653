import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startHttpServer } from '../../../test/support/http-server.ts'
import { serverOrSkip } from '../../../test/support/servers.ts'
import { startGateway } from '../../../test/support/start-gateway.ts'

const provider = serverOrSkip('oidc')
const ISSUER = 'http://127.0.0.1:9290'

async function issued(): Promise<string> {
  const token = JSON.parse(await provider.call('token')) as { access_token: string }
  return token.access_token
}
const tell = async (what: string): Promise<string> =>
  (await fetch(`${ISSUER}${what}`, { method: what === '/hits' ? 'GET' : 'POST' })).text()

describe('with a real OpenID provider', { skip: provider.skip }, () => {
  before(() => provider.start())
  after(() => provider.stop())

  for (const workers of [1, 4])
    it(`loses no request while keys rotate, and trusts dropped keys no longer (${workers} threads)`, async () => {
      await using api = await startHttpServer((request, response) => {
        response.setHeader('Content-Type', 'application/json')
        response.end(JSON.stringify({ user: request.headers['x-client'] }))
      })
      const gateway = await startGateway(
        {
          endpoints: [
            {
              endpoint: '/orders',
              input_headers: ['X-Client'],
              extra_config: {
                'auth/validator': {
                  ...{ alg: 'RS256', jwk_url: `${ISSUER}/jwks`, disable_jwk_security: true },
                  ...{ cache: true, issuer: ISSUER, audience: ['http://api.test'] },
                  ...{ roles: ['reader'], scopes: ['read'], scopes_key: 'scope' },
                  propagate_claims: [['client_id', 'X-Client']],
                },
              },
              backend: [{ host: [api.url], url_pattern: '/orders' }],
            },
          ],
        },
        { workers },
      )
      await using _ended = gateway
      const ask = (token: string) =>
        fetch(`${gateway.url}/orders`, { headers: { authorization: `Bearer ${token}` } })
      const first = await issued()
      assert.deepEqual(await (await ask(first)).json(), { user: 'svc' })

      let isRotating = true
      const statuses = new Map<number, number>()
      const load = async (): Promise<void> => {
        while (isRotating) {
          const { status } = await ask(tokens[Math.floor(Math.random() * tokens.length)] ?? first)
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
        }
      }
      const tokens = [first]
      const running = Promise.all([load(), load(), load(), load()])
      for (let rotation = 0; rotation < 3; rotation++) {
        await tell('/rotate')
        tokens.push(await issued())
      }
      assert.equal((await ask(tokens.at(-1) ?? '')).status, 200)
      isRotating = false
      await running
      assert.deepEqual([...statuses.keys()], [200])

      await tell('/rotate')
      await tell('/drop-old')
      const newest = await issued()
      assert.equal((await ask(newest)).status, 200)
      const fetches = Number(await tell('/hits'))
      // Every thread hears of the new set when it next asks: a token with an unknown key makes it ask.
      for (let time = 0; time < 32; time++) await ask(newest)
      assert.equal((await ask(first)).status, 401)
      assert.ok(Number(await tell('/hits')) - fetches <= 33)
    })
})
