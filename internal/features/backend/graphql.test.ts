import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { placeForTests, scopeForTests } from '../../../test/support/feature-scope.ts'
import { DeadlineWheel } from '../../pipe/deadline.ts'
import { bodyHolder } from '../../pipe/hold-body.ts'
import type { DataResponse, JsonObject, ProxyRequest } from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { graphql } from './graphql.ts'

const request: ProxyRequest = {
  method: 'PUT',
  host: 'http://api:1',
  path: '/graphql?v=1',
  query: [],
  headers: ['Content-Type', 'text/plain', 'Content-Length', '7', 'X-A', '1'],
  params: { Id: '7', 'JWT.sub': 'me' },
  body: undefined,
}
const answer: DataResponse = {
  kind: 'data',
  data: {},
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
}

function prepared(config: JsonObject) {
  const { scope, warnings } = scopeForTests()
  const held = { words: new Int32Array(new SharedArrayBuffer(4)), index: 0 }
  const holder = bodyHolder({ perRequest: 1 << 20, total: 1 << 20 }, held)
  const [decorator] = decoratorsFor([graphql], { 'backend/graphql': config }, placeForTests(), {
    ...scope,
    holder,
  })
  return { decorator, warnings }
}

async function sent(config: JsonObject, changes: Partial<ProxyRequest> = {}) {
  const { decorator } = prepared(config)
  assert(decorator)
  let seen: ProxyRequest | undefined
  const pipe = decorator((call) => {
    seen = call
    return Promise.resolve(answer)
  })
  await pipe({ ...request, ...changes }, new DeadlineWheel().start(performance.now()))
  assert(seen)
  return { ...seen, text: seen.body?.toString() }
}

const bodyOf = (value: JsonObject): Partial<ProxyRequest> => ({
  body: Buffer.from(JSON.stringify(value)),
})

describe('backend/graphql', () => {
  it('posts a query with parameters as variables, at the first level only', async () => {
    const variables = {
      id: '{id}',
      who: '{JWT.sub}',
      none: '{other}',
      deep: { id: '{id}' },
      odd: '{}',
      empty: '',
      text: 'a{id}',
    }
    const { method, headers, path, text } = await sent({ type: 'Query', query: '{ a }', variables })
    assert.equal(method, 'POST')
    assert.equal(path, '/graphql?v=1')
    assert.deepEqual(headers, ['X-A', '1', 'Content-Type', 'application/json'])
    assert.deepEqual(JSON.parse(text ?? ''), {
      query: '{ a }',
      variables: { ...variables, id: '7', who: 'me', none: '' },
    })
  })
  it('posts a mutation with the fields of the body, completed by its variables', async () => {
    const config = {
      type: 'mutation',
      query: 'm',
      operationName: 'o',
      variables: { a: '{id}', b: 1 },
    }
    const { text } = await sent(config, { body: Buffer.from('{"b":12345678901234567890,"c":[1]}') })
    assert.equal(
      text,
      '{"query":"m","operationName":"o","variables":{"a":"{id}","b":12345678901234567890,"c":[1]}}',
    )
  })
  it('keeps a field called __proto__ a field', async () => {
    const { text } = await sent(
      { type: 'mutation', query: 'm', variables: { a: 1 } },
      { body: Buffer.from('{"__proto__":{"a":2}}') },
    )
    assert.equal(text, '{"query":"m","variables":{"__proto__":{"a":2},"a":1}}')
  })
  it('reads bytes of a body that are no UTF-8 as Go does, and white space behind it', async () => {
    const body = Buffer.from('7b2261223a22ff227d0a20', 'hex')
    const { text } = await sent({ type: 'mutation', query: 'm' }, { body })
    assert.equal(text, '{"query":"m","variables":{"a":"\ufffd"}}')
  })
  it('fails a mutation whose body is no JSON object, and calls nobody', async () => {
    for (const body of ['', 'no json', '[1]', '"x"', '7', '{} {}', '12345678901234567890'])
      await assert.rejects(
        sent({ type: 'mutation', query: 'm' }, { body: Buffer.from(body) }),
        { name: 'GatewayError', status: undefined },
        body,
      )
  })
  it('puts everything into the query string with GET', async () => {
    const config = {
      type: 'query',
      method: 'get',
      query: '{ a }',
      operationName: 'o',
      variables: { id: '{id}' },
    }
    const { method, path, body } = await sent(config, bodyOf({ x: 1 }))
    assert.deepEqual([method, body], ['GET', undefined])
    assert.equal(
      path,
      '/graphql?v=1&operationName=o&query=%7B+a+%7D&variables=%7B%22id%22%3A%227%22%7D',
    )
    const mutation = await sent(
      { ...config, type: 'mutation' },
      { ...bodyOf({ id: 1 }), path: '/g' },
    )
    assert(mutation.path.startsWith('/g?operationName=o&'))
    assert(mutation.path.endsWith('variables=%7B%22id%22%3A1%7D'))
  })
  it('reads the query from a file at the start, in the place of query', async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'graphql-'))
    const file = path.join(dir, 'q.graphql')
    writeFileSync(file, 'query q {\n a }\n')
    const { text } = await sent({ type: 'query', query: 'other', query_path: file })
    rmSync(dir, { recursive: true })
    assert.equal(text, '{"query":"query q {\\n a }\\n"}')
    assert.throws(() => prepared({ type: 'query', query_path: file }), {
      message:
        /^endpoints\[0\]\.backend\[0\]\.extra_config\."backend\/graphql"\.query_path: cannot be read: ENOENT/,
    })
  })
  it('calls plainly, with a warning, where the type is none', () => {
    const { decorator, warnings } = prepared({ type: 'subscription', query: '{ a }' })
    assert.equal(decorator, undefined)
    assert.match(warnings.join(), /type is "subscription", neither query nor mutation/)
  })
  it('stops the start where it could not work', () => {
    for (const config of [
      { type: 'query' },
      { type: 'query', query: 7 },
      { type: 'query', query: '{ a }', variables: [] },
      { type: 7, query: '{ a }' },
    ])
      assert.throws(() => prepared(config), { name: 'ConfigError' }, JSON.stringify(config))
  })
  it('adds no decorator when it is absent', () => {
    const { scope } = scopeForTests()
    assert.deepEqual(decoratorsFor([graphql], {}, placeForTests(), scope), [])
  })
})
