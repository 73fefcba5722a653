import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import { startHttpServer } from '../support/http-server.ts'
import { startGateway } from '../support/start-gateway.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('templates, JMESPath and conditions work together in a gateway', async () => {
  await using api = await startHttpServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const list = [
      { id: 1, ok: true },
      { id: 12345678901234567n.toString(), ok: false },
    ]
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(
      JSON.stringify({ url: request.url, sent: body, list, big: 0 }).replace(
        '"big":0',
        '"big":12345678901234567890',
      ),
    )
  })
  const backend = (url_pattern: string, extra_config: JsonObject, more: JsonObject = {}) => ({
    host: [api.url],
    url_pattern,
    extra_config,
    ...more,
  })
  await using gateway = await startGateway({
    endpoints: [
      {
        endpoint: '/template/{id}',
        method: 'POST',
        extra_config: {
          'modifier/request-body-generator': {
            template: base64('{"id":"{{ .req_params.Id }}","was":{{ toJson .req_body.a }}}'),
          },
          'modifier/response-body-generator': {
            template: base64('{"sent":{{ toJson .resp_body.sent }},"big":{{ .resp_body.big }}}'),
          },
        },
        backend: [backend('/t', {})],
      },
      {
        endpoint: '/search',
        backend: [backend('/s', { 'modifier/jmespath': { expr: '{ok: list[?ok].id, big: big}' } })],
      },
      {
        endpoint: '/variant',
        input_headers: ['X-Variant'],
        backend: [
          backend(
            '/b',
            { 'backend/conditional': { strategy: 'header', name: 'X-Variant', value: 'b' } },
            { allow: ['url'] },
          ),
          backend('/a', { 'backend/conditional': { strategy: 'fallback' } }, { allow: ['url'] }),
        ],
      },
    ],
  })
  const text = async (path: string, init: RequestInit = {}) =>
    (await fetch(`${gateway.url}${path}`, init)).text()
  const generated = await text('/template/7', { method: 'POST', body: '{"a":[1]}' })
  assert.equal(JSON.parse(generated).sent, '{"id":"7","was":[1]}')
  assert(generated.includes('12345678901234567890'))
  const found = await text('/search')
  assert.deepEqual(JSON.parse(found).ok, [1])
  assert(found.includes('12345678901234567890'))
  assert.deepEqual(JSON.parse(await text('/variant')), { url: '/a' })
  assert.deepEqual(JSON.parse(await text('/variant', { headers: { 'X-Variant': 'b' } })), {
    url: '/b',
  })
})
