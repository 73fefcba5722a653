import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authPlace, authScope, nobody } from '../../../test/support/tokens.ts'
import type { Ask, Fetched } from '../../client/small-fetch.ts'
import { ConfigError } from '../../errors.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import { type BackendPlace, decoratorsFor } from '../feature.ts'
import { tokenInReply } from './client-credentials/token-reply.ts'
import { tokenCall, tokenRequest } from './client-credentials/token-request.ts'
import { TokenStore } from './client-credentials/token-store.ts'
import { clientCredentials } from './client-credentials.ts'

const GOOD = { client_id: 'a b', client_secret: 's/=ü', token_url: 'http://id/token' }
const JSON_TYPE = 'application/json'
const place = { ...authPlace(), backend: { index: 1, id: 7 } } as unknown as BackendPlace

describe('auth/client-credentials', () => {
  it('adds no decorator without its namespace, nor when it is disabled', () => {
    const { scope } = authScope(nobody)
    assert.deepEqual(decoratorsFor([clientCredentials], {}, place, scope), [])
    assert.equal(clientCredentials.prepare({ is_disabled: true }, place, scope), undefined)
  })

  it('asks as Go’s oauth2 does', () => {
    const request = tokenRequest(
      { ...GOOD, scopes: 'r,w', endpoint_params: { audience: ['x y', 'z'], grant_type: ['own'] } },
      'here',
    )
    assert.ok(request)
    const first = tokenCall(request, 'header')
    assert.equal(first.body, 'audience=x+y&audience=z&grant_type=own&scope=r+w')
    const basic = `Basic ${Buffer.from('a+b:s%2F%3D%C3%BC').toString('base64')}`
    assert.equal(first.headers[first.headers.indexOf('Authorization') + 1], basic)
    const second = tokenCall(request, 'body')
    assert.ok(second.body?.includes('client_id=a+b&client_secret=s%2F%3D%C3%BC&'))
    assert.ok(!second.headers.includes('Authorization'))
  })

  it('reads answers as Go’s oauth2 does', () => {
    const read = (text: string, more: Partial<Fetched> = {}) =>
      tokenInReply({ status: 200, type: JSON_TYPE, text, ...more }, 1000)
    assert.deepEqual(read('{"access_token":"t"}'), { authorization: 'Bearer t', expiresMs: null })
    assert.deepEqual(read('{"access_token":"t","token_type":"BEARER","expires_in":"60"}'), {
      authorization: 'Bearer t',
      expiresMs: 61_000,
    })
    assert.equal(read('{"access_token":"t","token_type":"DPoP"}').authorization, 'DPoP t')
    const form = { type: 'text/plain; charset=utf-8' }
    assert.equal(read('access_token=t&token_type=mac', form).authorization, 'MAC t')
    assert.equal(read('access_token=t&expires_in=soon', form).expiresMs, null)
  })

  it('says why there is no token as Go’s oauth2 does, without the page that came', () => {
    const missing = 'oauth2: server response missing access_token'
    const broken = 'oauth2: cannot parse json: '
    const into = 'json: cannot unmarshal number into Go struct field tokenJSON'
    const header = 'net/http: invalid header field value for "Authorization"'
    const literal = 'json: invalid number literal, trying to unmarshal'
    for (const [text, status, words] of [
      ['{}', 200, missing],
      ['null', 200, missing],
      ['<html>', 200, `${broken}invalid character '<' looking for beginning of value`],
      ['', 200, `${broken}unexpected end of JSON input`],
      ['{"access_token":', 200, `${broken}unexpected end of JSON input`],
      ['[]', 200, `${broken}json: cannot unmarshal array into Go value of type internal.tokenJSON`],
      ['{"access_token":1}', 200, `${broken}${into}.access_token of type string`],
      ['{"access_token":"t","expires_in":""}', 200, `${broken}${literal} "\\"\\"" into Number`],
      ['{"access_token":"t","expires_in":1.5}', 200, `${broken}expires_in is no whole number`],
      ['{"access_token":"t","expires_in":true}', 200, `${broken}expires_in is no whole number`],
      ['{"access_token":"t","error":"invalid_client"}', 200, 'oauth2: "invalid_client"'],
      ['{"error":"a","error_description":"é\\n","error_uri":"u"}', 400, 'oauth2: "a" "é\\n" "u"'],
      ['{"access_token":"t"}', 400, 'oauth2: cannot fetch token: 400 Bad Request'],
      ['client_secret=s3cret', 503, 'oauth2: cannot fetch token: 503 Service Unavailable'],
      ['{"access_token":"t\\r\\nX-Evil: 1"}', 200, header],
    ] as const)
      assert.throws(
        () => tokenInReply({ status, type: JSON_TYPE, text }, 1000),
        { message: words },
        text,
      )
  })

  it('tries the body when the header is refused, and remembers what worked', async () => {
    const asked: string[] = []
    const time = { nowMs: 0 }
    const fetch = async ({ headers }: Ask): Promise<Fetched> => {
      const style = headers.includes('Authorization') ? 'header' : 'body'
      asked.push(style)
      return style === 'header'
        ? { status: 401, type: '', text: '' }
        : { status: 200, type: JSON_TYPE, text: '{"access_token":"t","expires_in":20}' }
    }
    const request = tokenRequest(GOOD, 'here')
    assert.ok(request)
    const store = new TokenStore(request, { fetch, close: async () => {} }, () => time.nowMs)
    await Promise.all([store.token(), store.token()])
    await store.token()
    assert.deepEqual(asked, ['header', 'body'])
    time.nowMs = 9999
    await store.token()
    time.nowMs = 10_000
    await store.token()
    assert.deepEqual(asked, ['header', 'body', 'body'])
  })

  it('stops the start for what cannot work', () => {
    const wrong = (more: JsonObject, pattern: RegExp) =>
      assert.throws(
        () => clientCredentials.prepare({ ...GOOD, ...more }, place, authScope(nobody).scope),
        (error) => error instanceof ConfigError && pattern.test(error.message),
      )
    wrong({ token_url: '' }, /^endpoints\[0\]\.backend\[1\]\.extra_config.*token_url: no http URL/)
    wrong({ scopes: ['a'] }, /scopes: a value of another type/)
    wrong({ endpoint_params: { scope: ['x'] } }, /cannot overwrite parameter "scope"/)
    wrong({ endpoint_params: { a: 'x' } }, /endpoint_params\.a: a value of another type/)
  })
})
