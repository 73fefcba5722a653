import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClientRequest, HeaderList } from '../pipe/pipe.ts'
import { toRequest } from './to-request.ts'

const AGENT = 'KrakenD Version 2.13.8'
const OWN = ['X-Forwarded-For', '203.0.113.7', 'X-Forwarded-Host', 'shop.example']
const body = Buffer.from('{}')
const request = (headers: HeaderList = [], rawQuery = ''): ClientRequest => ({
  method: 'POST',
  path: '/users/7',
  rawQuery,
  headers,
  host: 'shop.example',
  peerAddress: '127.0.0.1',
  clientAddress: '203.0.113.7',
  isEncrypted: false,
  params: { user_id: '7', 'JWT.sub': 'me' },
  body,
})
const headersFor = (inputHeaders: string[], headers: HeaderList) =>
  toRequest({ inputHeaders, inputQueryStrings: [] })(request(headers)).headers
const queryFor = (inputQueryStrings: string[], rawQuery: string) =>
  toRequest({ inputHeaders: [], inputQueryStrings })(request([], rawQuery)).query

describe('the request to a pipe', () => {
  it('carries method, body and parameters with a capital first letter', () => {
    const made = toRequest({ inputHeaders: [], inputQueryStrings: [] })(request())
    assert.deepEqual(made, {
      method: 'POST',
      host: '',
      path: '/users/7',
      query: [],
      headers: [...OWN, 'User-Agent', AGENT],
      params: { User_id: '7', 'JWT.sub': 'me' },
      body,
    })
  })
})

describe('input_headers', () => {
  const client = ['content-type', 'text/x', 'AUTHORIZATION', 'token', 'x-tag', '1', 'X-Tag', '2']
  it('without entries pass only Content-Type', () => {
    assert.deepEqual(headersFor([], client), [
      'Content-Type',
      'text/x',
      ...OWN,
      'User-Agent',
      AGENT,
    ])
  })
  it('pass what they list and nothing else, whatever its case, every value', () => {
    assert.deepEqual(headersFor(['X-Tag', 'X-Absent', 'Authorization'], client), [
      ...['Authorization', 'token', 'X-Tag', '1', 'X-Tag', '2'],
      ...[...OWN, 'User-Agent', AGENT],
    ])
  })
  it('with * pass all but Host and what the gateway sets itself', () => {
    const sent = [
      'Host',
      'x',
      'x-forwarded-for',
      '6.6.6.6',
      'X-Forwarded-Host',
      'x',
      'X-Forwarded-Proto',
      'https',
    ]
    assert.deepEqual(
      headersFor(['X-Other', '*'], [...sent, 'Transfer-Encoding', 'chunked', 'cookie', 'a=1']),
      [...['X-Forwarded-Proto', 'https', 'Cookie', 'a=1'], ...[...OWN, 'User-Agent', AGENT]],
    )
  })
  it('cannot pass Host, even when listed', () => {
    assert.deepEqual(headersFor(['Host'], ['Host', 'x']), [...OWN, 'User-Agent', AGENT])
  })
  it('that pass Cache-Control pass `Pragma: no-cache` in its words, unless the client has its own', () => {
    const pragma = ['Pragma', 'no-cache']
    const fresh = ['Cache-Control', 'no-cache']
    const end = [...OWN, 'User-Agent', AGENT]
    assert.deepEqual(headersFor(['Cache-Control'], pragma), [...fresh, ...end])
    assert.deepEqual(headersFor(['*'], pragma), [...pragma, ...fresh, ...end])
    assert.deepEqual(headersFor(['Pragma'], pragma), [...pragma, ...end])
    assert.deepEqual(headersFor(['Cache-Control'], ['Pragma', 'No-Cache']), end)
    const own = ['Cache-Control', 'max-age=1']
    assert.deepEqual(headersFor(['Cache-Control'], [...pragma, ...own]), [...own, ...end])
  })
  it('that pass the User-Agent of the client add X-Forwarded-Via once', () => {
    const agent = ['user-agent', 'shop/1']
    const passed = ['User-Agent', 'shop/1']
    assert.deepEqual(headersFor(['User-Agent'], agent), [
      ...passed,
      ...OWN,
      'X-Forwarded-Via',
      AGENT,
    ])
    assert.deepEqual(headersFor(['*'], ['X-Forwarded-Via', 'other', ...agent]), [
      ...['X-Forwarded-Via', AGENT, ...passed],
      ...OWN,
    ])
    const empty = headersFor(['User-Agent'], ['User-Agent', ''])
    assert.deepEqual(empty, ['User-Agent', '', ...OWN, 'X-Forwarded-Via', AGENT])
    assert.deepEqual(headersFor(['User-Agent'], []), [...OWN, 'User-Agent', AGENT])
  })
})

describe('input_query_strings', () => {
  const query = 'page=2&Page=3&page=1&q=a+b&bad=%zz&x=1;y=2'
  it('without entries pass nothing', () => assert.deepEqual(queryFor([], query), []))
  it('pass exact names, every value in order', () => {
    assert.deepEqual(queryFor(['page', 'bad', 'absent'], query), ['page', '2', 'page', '1'])
  })
  it('with * pass all that is well written', () => {
    assert.deepEqual(queryFor(['*'], query), ['page', '2', 'Page', '3', 'page', '1', 'q', 'a b'])
  })
})
