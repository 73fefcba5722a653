import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startHttpServer } from './support/http-server.ts'
import { startGateway } from './support/start-gateway.ts'

test('behind a wildcard endpoint the rest of the path reaches the upstream, as it was sent', async () => {
  await using upstream = await startHttpServer((request, response) =>
    response.end(JSON.stringify({ path: request.url })),
  )
  const endpoint = (name: string, url_pattern: string) => ({
    endpoint: name,
    input_query_strings: ['q'],
    backend: [{ host: [upstream.url], url_pattern }],
  })
  await using gateway = await startGateway({
    endpoints: [
      endpoint('/all/*', '/'),
      endpoint('/user/*', '/u'),
      endpoint('/star/*', '/s/*'),
      endpoint('/named/{id}/*', '/n/{wildcard}/of/{id}'),
      endpoint('/user/me', '/myself'),
    ],
  })
  const cases = {
    '/all/a/b': '/a/b',
    '/user/x/y%20z?q=1&p=2': '/u/x/y%20z?q=1',
    '/star/a/b': '/s/a/b',
    '/named/7/a/b': '/n/a/b/of/7',
    '/user/me': '/myself',
  }
  for (const [asked, path] of Object.entries(cases)) {
    const reply = await fetch(`${gateway.url}${asked}`)
    assert.deepEqual(await reply.json(), { path }, asked)
  }
})
