import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../pipe/pipe.ts'
import { httpSecurity } from './http.ts'
import { tryGuard } from './try-guard.ts'

const send = async (config: JsonObject, changes = {}) =>
  (await tryGuard(httpSecurity, config).send(changes)).reply

describe('security/http', () => {
  it('adds the headers that are asked for, and with TLS the promise to keep it', async () => {
    const config = {
      frame_deny: true,
      content_type_nosniff: true,
      browser_xss_filter: true,
      content_security_policy: "default-src 'self'",
      referrer_policy: 'same-origin',
      sts_seconds: 60,
      sts_include_subdomains: true,
    }
    const always = [
      ...['X-Frame-Options', 'DENY', 'X-Content-Type-Options', 'nosniff'],
      ...['X-Xss-Protection', '1; mode=block', 'Content-Security-Policy', "default-src 'self'"],
      ...['Referrer-Policy', 'same-origin', 'X-Own', '1'],
    ]
    const sts = ['Strict-Transport-Security', 'max-age=60; includeSubDomains']
    assert.deepEqual((await send(config)).headers, always)
    assert.deepEqual((await send(config, { isEncrypted: true })).headers, [...sts, ...always])
    const forced = await send({ ...config, force_sts_header: true })
    assert.deepEqual(forced.headers, [...sts, ...always])
  })
  it('gives each answer a nonce of its own where the policy asks for one', async () => {
    const config = { content_security_policy: 'script-src $NONCE; style-src $NONCE' }
    const policy = async () => (await send(config)).headers[1] ?? ''
    const [first, second] = [await policy(), await policy()]
    const nonce = /^script-src ('nonce-[0-9A-Za-z+/]{22}'); style-src (.*)$/.exec(first)
    assert.equal(nonce?.[1], nonce?.[2])
    assert.ok(nonce)
    assert.notEqual(first, second)
  })
  it('adds nothing without anything to add, and lets health alone', async () => {
    assert.deepEqual((await send({})).headers, ['X-Own', '1'])
    const health = await send({ allowed_hosts: ['a'], frame_deny: true }, { path: '/__health' })
    assert.deepEqual([health.status, health.headers], [200, ['X-Own', '1']])
  })
  it('matches all of a host, whatever the pattern', async () => {
    const config = { allowed_hosts: ['a\\.example|b\\.example'], allowed_hosts_are_regex: true }
    const status = async (host: string) => (await send(config, { host })).status
    assert.equal(await status('a.example'), 200)
    assert.equal(await status('b.example'), 200)
    assert.equal(await status('a.example.evil'), 500)
    assert.equal(await status('evil.b.example'), 500)
  })
  it('redirects without letting a client write into header or page', async () => {
    const config = { ssl_redirect: true, host_proxy_headers: ['X-Host'] }
    const { headers, body } = await send(config, {
      path: '/a"<b>',
      rawQuery: "q='x'&r=%20",
      headers: ['x-host', 'evil"><script>/\r\n'],
    })
    assert.deepEqual(headers.slice(0, 2), [
      'Location',
      "https://evil%22%3E%3Cscript%3E%2F%0D%0A/a%22%3Cb%3E?q='x'&r=%20",
    ])
    assert.equal(
      body,
      '<a href="https://evil%22%3E%3Cscript%3E%2F%0D%0A/a%22%3Cb%3E?q=&#39;x&#39;&amp;r=%20">Moved Permanently</a>.\n\n',
    )
  })
  it('redirects no method but GET with a page', async () => {
    const redirect = async (method: string) => send({ ssl_redirect: true }, { method })
    assert.deepEqual((await redirect('HEAD')).body, undefined)
    assert.deepEqual((await redirect('POST')).headers, ['Location', 'https://shop.example/x'])
  })
  it('stops the start over a pattern that is none, also one that only its frame makes one', () => {
    for (const pattern of ['(', 'a)(b', '(?<=a)b'])
      assert.throws(
        () => tryGuard(httpSecurity, { allowed_hosts: [pattern], allowed_hosts_are_regex: true }),
        { name: 'ConfigError', message: /extra_config\."security\/http"\.allowed_hosts\[0\]/ },
      )
  })
})
