import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeForTests, scopeForTests } from '../../../test/support/feature-scope.ts'
import { bodyOf, collect } from '../../pipe/collect.ts'
import { DeadlineWheel } from '../../pipe/deadline.ts'
import { bodyHolder } from '../../pipe/hold-body.ts'
import type {
  DataResponse,
  JsonObject,
  ProxyRequest,
  ProxyResponse,
  StreamResponse,
} from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { requestBody } from './request-body-generator.ts'
import { responseBody } from './response-body-generator.ts'

const request: ProxyRequest = {
  method: 'POST',
  host: '',
  path: '/x?a=1',
  query: ['q', '1', 'q', '2'],
  headers: ['X-A', '1', 'Content-Length', '9', 'Content-Type', 'x/y'],
  params: { Id: '7' },
  body: Buffer.from('{"name":"A \\"B\\"","id":12345678901234567890,"list":[1,2.5]}'),
}
const data: DataResponse = {
  kind: 'data',
  data: { a: 1, b: [true, null] },
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')

function prepared(config: JsonObject) {
  const { scope } = scopeForTests()
  const held = { words: new Int32Array(new SharedArrayBuffer(4)), index: 0 }
  const holder = bodyHolder({ perRequest: 1 << 20, total: 1 << 20 }, held)
  return decoratorsFor([requestBody, responseBody], config, placeForTests(), {
    ...scope,
    holder,
    maxDecodeBytes: 1 << 20,
  })
}

async function run(
  config: JsonObject,
  changes: Partial<ProxyRequest> = {},
  answer: ProxyResponse = data,
) {
  const [decorate] = prepared(config)
  assert(decorate)
  let seen: ProxyRequest | undefined
  const response = await decorate((each) => {
    seen = each
    return Promise.resolve(answer)
  })({ ...request, ...changes }, new DeadlineWheel().start(performance.now()))
  return { seen, response }
}
const asked = (template: string, more: JsonObject = {}) => ({
  'modifier/request-body-generator': { template: base64(template), ...more },
})
const answered = (template: string, more: JsonObject = {}) => ({
  'modifier/response-body-generator': { template: base64(template), ...more },
})

describe('modifier/request-body-generator', () => {
  it('writes a body of what the request has, with every digit', async () => {
    const template =
      '{"n":{{ toJson .req_body.name }},"id":{{ .req_body.id }},"p":"{{ .req_params.Id }}","q":{{ toJson .req_querystring.q }},"h":"{{ index .req_headers "X-A" 0 }}","path":"{{ .req_path }}","l":{{ range .req_body.list }}[{{ . }}]{{ end }}}'
    const { seen } = await run(asked(template))
    assert.equal(
      seen?.body?.toString(),
      '{"n":"A \\"B\\"","id":12345678901234567890,"p":"7","q":["1","2"],"h":"1","path":"/x","l":[1][2.5]}',
    )
    assert.deepEqual(seen?.headers, ['X-A', '1', 'Content-Type', 'application/json'])
  })
  it('takes bodies that are no JSON as text, and none as nothing', async () => {
    const config = asked('<{{ .req_body }}>', { content_type: 'text/xml' })
    assert.equal((await run(config, { body: Buffer.from('a=b') })).seen?.body?.toString(), '<a=b>')
    const { seen } = await run(asked('{{ if .req_body }}yes{{ else }}no{{ end }}'), {
      body: undefined,
    })
    assert.equal(seen?.body?.toString(), 'no')
  })
  it('fails the request that its template cannot be run with', async () => {
    await assert.rejects(run(asked('{{ index .req_body.list 5 }}')), { name: 'GatewayError' })
  })
})

describe('modifier/response-body-generator', () => {
  it('writes the data anew, or a text under content', async () => {
    const config = answered(
      '{"n":{{ .resp_body.a }},"id":"{{ .req_params.Id }}","ok":{{ .resp_is_complete }}}',
    )
    const { response } = await run(config)
    assert.deepEqual(response, { ...data, data: { n: 1, id: '7', ok: true } })
    const xml = await run(answered('<a>{{ .resp_body.a }}</a>', { content_type: 'text/xml' }))
    assert.deepEqual(xml.response, { ...data, data: { content: '<a>1</a>' } })
  })
  it('writes the body of an answer that passes through', async () => {
    const answer: StreamResponse = {
      kind: 'stream',
      status: 201,
      headers: ['Content-Length', '9', 'Etag', '"x"', 'X-A', '1', 'Content-Type', 'x/y'],
      body: bodyOf(Buffer.from('{"a":1.50}')),
      isComplete: true,
      errors: [],
    }
    const { response } = await run(
      answered('{{ .resp_status }} {{ .resp_body.a }}', { content_type: 'text/plain' }),
      {},
      answer,
    )
    assert(response.kind === 'stream')
    assert.deepEqual(response.headers, ['X-A', '1', 'Content-Type', 'text/plain'])
    assert.equal((await collect(response.body, 100)).toString(), '201 1.5')
  })
  it('fails when it wrote no JSON object where one is needed', async () => {
    for (const template of ['no json', '[1]', '{} {}', '{{ "" }}', '{"a":'])
      await assert.rejects(run(answered(template)), { name: 'GatewayError' }, template)
  })
})

describe('body generators', () => {
  it('stop the start when their template cannot be used', () => {
    for (const config of [
      {},
      { template: 7 },
      { template: '!!' },
      { template: base64('{{ .a') },
      { template: base64('{{ nope }}') },
      { path: '/does/not/exist' },
      { path: 'a', template: base64('x') },
      { template: base64('x'), debug: 'yes' },
      { template: base64('x'), content_type: 'a\r\nb' },
    ])
      for (const kind of ['request', 'response'])
        assert.throws(
          () => prepared({ [`modifier/${kind}-body-generator`]: config as JsonObject }),
          { name: 'ConfigError' },
          JSON.stringify(config),
        )
  })
  it('add no decorator when they are absent', () => assert.deepEqual(prepared({}), []))
})
