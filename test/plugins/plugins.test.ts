import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { startHttpServer } from '../support/http-server.ts'
import { startGateway } from '../support/start-gateway.ts'

const folder = path.resolve(import.meta.dirname, '../../configs/plugins')

test('the example plugins work together in a gateway of two threads', async () => {
  await using api = await startHttpServer((request, response) => {
    const status = request.url?.startsWith('/broken') ? 503 : 200
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ url: request.url, _private: true }))
  })
  await using gateway = await startGateway(
    {
      plugin: { folder, pattern: '.ts' },
      extra_config: { 'plugin/http-server': { name: ['request-stamp'] } },
      endpoints: [
        {
          endpoint: '/items/{id}',
          input_headers: ['X-Tenant'],
          extra_config: { 'plugin/req-resp-modifier': { name: ['tenant'] } },
          backend: [
            {
              host: [api.url],
              url_pattern: '/broken/{id}',
              extra_config: {
                'plugin/http-client': {
                  name: 'second-try',
                  'second-try': { address: `${api.url}/ok` },
                },
              },
            },
          ],
        },
      ],
    },
    { workers: 2 },
  )
  const answered = await fetch(`${gateway.url}/items/7`, { headers: { 'X-Tenant': 'acme' } })
  assert.deepEqual(await answered.json(), { url: '/ok/broken/7?tenant=acme' })
  assert.match(answered.headers.get('x-request-stamp') ?? '', /^\d+\.\d$/)
  const refused = await fetch(`${gateway.url}/items/7`)
  assert.equal(refused.status, 403)
  assert.match(refused.headers.get('x-request-stamp') ?? '', /^\d+\.\d$/)
})
