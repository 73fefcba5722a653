import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../support/start-gateway.ts'

const backend = [{ host: ['http://127.0.0.1:99'], url_pattern: '/' }]
const validator = {
  alg: 'RS256',
  disable_jwk_security: true,
  jwk_local_path: '/nowhere/keys.json',
}

for (const workers of [1, 4])
  test(`a start names what the main thread and what ${workers} request threads cannot do, in the order of the file`, async () => {
    const config = {
      endpoints: [
        {
          endpoint: '/limited',
          backend,
          extra_config: { 'qos/ratelimit/router': { max_rate: 1, every: 'never' } },
        },
        { endpoint: '/keys', backend, extra_config: { 'auth/validator': validator } },
      ],
      async_agent: ['a', 'b'].map((name) => ({
        ...{ name, connection: {}, consumer: { topic: name }, backend, extra_config: {} },
      })),
    }
    await assert.rejects(startGateway(config, { workers }), (error: Error) => {
      const lines = error.message.split('\n').filter((line) => line.includes('krakend.json:1:'))
      const places = lines.map(
        (line) => /krakend\.json:1:\d+ ([a-z]+_?[a-z]+\[\d\])/.exec(line)?.[1],
      )
      const wanted = ['endpoints[0]', 'endpoints[1]', 'async_agent[0]', 'async_agent[1]']
      // Once in the log, once for whoever started it.
      assert.deepEqual(places, [...wanted, ...wanted], error.message)
      return true
    })
  })
