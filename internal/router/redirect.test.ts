import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClientRequest } from '../pipe/pipe.ts'
import { redirectReply } from './redirect.ts'

const request = (changes: Partial<ClientRequest> = {}): ClientRequest => ({
  method: 'GET',
  path: '',
  rawQuery: '',
  headers: [],
  host: 'h',
  peerAddress: '',
  clientAddress: '',
  isEncrypted: false,
  params: {},
  body: undefined,
  ...changes,
})
const location = (changes: Partial<ClientRequest>, path: string, isTrailingSlash = true) => {
  const { headers } = redirectReply(request(changes), { kind: 'redirect', path, isTrailingSlash })
  return headers[headers.indexOf('Location') + 1]
}

describe('a redirect', () => {
  it('of a GET is a 301 with a link', () => {
    const found = { kind: 'redirect', path: '/users', isTrailingSlash: true } as const
    assert.deepEqual(redirectReply(request({ rawQuery: 'a=1&b=<' }), found), {
      status: 301,
      headers: ['Content-Type', 'text/html; charset=utf-8', 'Location', '/users?a=1&b=<'],
      body: '<a href="/users?a=1&amp;b=&lt;">Moved Permanently</a>.\n\n',
      isUnlogged: true,
    })
  })
  it('of another method is a 307 without a body', () => {
    const found = { kind: 'redirect', path: '/users', isTrailingSlash: true } as const
    assert.deepEqual(redirectReply(request({ method: 'POST' }), found), {
      status: 307,
      headers: ['Location', '/users'],
      isUnlogged: true,
      body: undefined,
    })
  })
  it('encodes the path', () => assert.equal(location({}, '/a b/ü'), '/a%20b/%C3%BC'))
  it('never leads to another host', () => {
    assert.equal(location({}, '//evil.example/'), '/evil.example/')
    const prefix = { headers: ['X-Forwarded-Prefix', '//evil.example'] }
    assert.equal(location(prefix, '/x/'), '/evilexample/x/')
  })
  it('puts X-Forwarded-Prefix before the path when only the slash differs', () => {
    const headers = ['x-forwarded-prefix', '/api/../gw<v1>/']
    assert.equal(location({ headers }, '/users/'), '/gwv1/users/')
    assert.equal(location({ headers }, '/users', false), '/users')
  })
  it('puts no bytes but ASCII into a header line', () => {
    assert.equal(location({ rawQuery: 'q=\xc3\xbc' }, '/users'), '/users?q=%c3%bc')
  })
})
