import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Encode } from '../encode/encode.ts'
import { GatewayError } from '../errors.ts'
import type { DataResponse, StreamResponse } from '../pipe/pipe.ts'
import { toReply } from './to-reply.ts'

const encode: Encode = (response) => ({
  contentType: 'text/x',
  body: JSON.stringify(response?.data),
})
const data = (changes: Partial<DataResponse> = {}): DataResponse => ({
  kind: 'data',
  data: { a: 1 },
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
  ...changes,
})
const replies = (
  changes: { cacheTtlMs?: number; returnErrorMsg?: boolean; encode?: Encode | undefined } = {},
) =>
  toReply({
    endpoint: { cacheTtlMs: changes.cacheTtlMs ?? 0 },
    router: { returnErrorMsg: changes.returnErrorMsg ?? false, hideVersionHeader: false },
    encode: 'encode' in changes ? changes.encode : encode,
  })
const REQUEST = { headers: [] }
const VERSION = ['X-Krakend', 'Version 2.13.8']
const COMPLETE = [...VERSION, 'X-Krakend-Completed', 'true']
const INCOMPLETE = [...VERSION, 'X-Krakend-Completed', 'false']
const TYPE = ['Content-Type', 'text/x']

describe('a reply with data', () => {
  it('is complete, and its headers are built once', () => {
    const { fromResponse } = replies()
    const first = fromResponse(data(), REQUEST)
    assert.deepEqual(first, { status: 200, headers: [...COMPLETE, ...TYPE], body: '{"a":1}' })
    assert.equal(fromResponse(data({ data: { b: 2 } }), REQUEST).headers, first.headers)
  })
  it('is cacheable only when complete', () => {
    const { fromResponse } = replies({ cacheTtlMs: 90_500 })
    const cached = ['Cache-Control', 'public, max-age=90']
    assert.deepEqual(fromResponse(data(), REQUEST).headers, [...COMPLETE, ...cached, ...TYPE])
    assert.deepEqual(fromResponse(data({ isComplete: false }), REQUEST).headers, [
      ...INCOMPLETE,
      ...TYPE,
    ])
  })
  it('of less than a second of cache says max-age=0', () => {
    const { headers } = replies({ cacheTtlMs: 500 }).fromResponse(data(), REQUEST)
    assert.equal(headers[headers.indexOf('Cache-Control') + 1], 'public, max-age=0')
  })
  it('without any key or with null is not complete', () => {
    for (const empty of [{}, null])
      assert.deepEqual(replies().fromResponse(data({ data: empty }), REQUEST).headers, [
        ...INCOMPLETE,
        ...TYPE,
      ])
  })
  it('carries what a component set, but only beside data', () => {
    const headers = ['X-Own', '1']
    assert.deepEqual(replies().fromResponse(data({ headers }), REQUEST).headers, [
      ...COMPLETE,
      ...TYPE,
      ...headers,
    ])
    assert.deepEqual(replies().fromResponse(data({ headers, data: {} }), REQUEST).headers, [
      ...INCOMPLETE,
      ...TYPE,
    ])
  })
  it("takes a component's Content-Type instead of the encoder's", () => {
    const headers = ['Content-Type', 'text/own']
    assert.deepEqual(replies().fromResponse(data({ headers }), REQUEST).headers, [
      ...COMPLETE,
      ...headers,
    ])
  })
  it('that is partial hands its failures to the access log', () => {
    const errors = [new GatewayError('timeout')]
    const { errors: texts, status } = replies().fromResponse(
      data({ isComplete: false, errors }),
      REQUEST,
    )
    assert.deepEqual([status, texts], [200, ['context deadline exceeded']])
  })
  it('under no-op has only its status and headers', () => {
    const own = data({ status: 202, headers: ['X-Own', '1'] })
    const made = replies({ encode: undefined }).fromResponse(own, REQUEST)
    assert.deepEqual(made, { status: 202, headers: [...COMPLETE, 'X-Own', '1'], body: undefined })
    assert.equal(replies({ encode: undefined }).fromResponse(data(), REQUEST).status, 200)
  })
})

describe('a reply with a stream', () => {
  const stream = (destroy = () => {}): StreamResponse => ({
    kind: 'stream',
    status: 203,
    headers: [
      'Set-Cookie',
      'a',
      'Connection',
      'close',
      'Set-Cookie',
      'b',
      'Transfer-Encoding',
      'chunked',
    ],
    body: { start() {}, resume() {}, destroy },
    isComplete: true,
    errors: [],
  })
  it('passes status, headers and body, not what belongs to the connection', () => {
    const response = stream()
    assert.deepEqual(
      replies({ encode: undefined, cacheTtlMs: 1000 }).fromResponse(response, REQUEST),
      {
        status: 203,
        headers: [...INCOMPLETE, 'Set-Cookie', 'a', 'Set-Cookie', 'b'],
        body: response.body,
      },
    )
  })
  it('is an empty object where the endpoint encodes data, and the connection is freed', (test) => {
    const destroy = test.mock.fn()
    const made = replies().fromResponse(stream(destroy), REQUEST)
    assert.deepEqual(made, { status: 200, headers: [...INCOMPLETE, ...TYPE], body: '{}' })
    assert.equal(destroy.mock.callCount(), 1)
  })
})

describe('a reply to a failure', () => {
  it('is an empty 500 without a status of its own', () => {
    assert.deepEqual(replies().fromError(new GatewayError('timeout')), {
      status: 500,
      headers: INCOMPLETE,
      body: undefined,
      errors: ['context deadline exceeded'],
    })
  })
  it('has the status and headers of the error', () => {
    const headers = ['Retry-After', '1']
    const error = new GatewayError('component', { status: 429, message: 'slow down', headers })
    const made = replies().fromError(error)
    assert.deepEqual(
      [made.status, made.headers, made.body],
      [429, [...INCOMPLETE, ...headers], undefined],
    )
  })
  it('shows its text with return_error_msg, in the type of the error', () => {
    const { fromError } = replies({ returnErrorMsg: true })
    const plain = fromError(new GatewayError('connect', { message: 'refused' }))
    assert.deepEqual(plain.headers, [...INCOMPLETE, 'Content-Type', 'text/plain; charset=utf-8'])
    assert.equal(plain.body, 'refused')
    const typed = new GatewayError('component', {
      status: 404,
      message: '{}',
      contentType: 'application/json',
    })
    assert.deepEqual(fromError(typed).headers, [...INCOMPLETE, 'Content-Type', 'application/json'])
    const empty = new GatewayError('status-code', { status: 404, message: '' })
    assert.deepEqual(fromError(empty).headers, INCOMPLETE)
  })
  it('names every part of a failed merge to the access log', () => {
    const cause = [new GatewayError('timeout'), new GatewayError('connect')]
    const error = new GatewayError('merge', { cause })
    assert.deepEqual(
      replies().fromError(error).errors,
      cause.map(({ message }) => message),
    )
  })
  it('hides the version when told to', () => {
    const router = { returnErrorMsg: false, hideVersionHeader: true }
    const { fromError } = toReply({ endpoint: { cacheTtlMs: 0 }, router, encode })
    assert.equal(fromError(new GatewayError('timeout')).headers[1], 'Version undefined')
  })
})
