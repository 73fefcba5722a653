import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { etcdHosts, joinEtcdHosts, parseEtcdHost } from './etcd-host.ts'

const key = (name: string, defaultUrl?: string) => ({ kind: 'key', key: name, defaultUrl })

describe('hosts written for etcd', () => {
  it('reads the key and the default URL, whatever white space is around them', () => {
    const expected = key('petstore', 'https://www.example.com')
    for (const text of [
      'etcd(petstore,https://www.example.com)',
      'etcd (petstore, https://www.example.com)',
      '  etcd(  petstore ,https://www.example.com  ) ',
    ])
      assert.deepEqual(parseEtcdHost(text), expected)
  })

  it('takes commas and parentheses in the default URL', () => {
    assert.deepEqual(parseEtcdHost('etcd(a,http://x/b,c(d))'), key('a', 'http://x/b,c(d)'))
  })

  it('reads a key without a default, and a plain URL', () => {
    assert.deepEqual(parseEtcdHost('/services/orders/'), key('/services/orders/'))
    assert.deepEqual(parseEtcdHost(' http://a:1/v2 '), { kind: 'url', url: 'http://a:1/v2' })
  })

  for (const [text, at, reason] of [
    ['etcd(petstore https://x)', 24, /comma/],
    ['etcd(petstore,https://x', 24, /parenthesis/],
    ['etcd(,https://x)', 6, /key/],
    ['etcd(petstore,)', 15, /default URL is missing/],
    ['etcd(petstore, ftp://x)', 16, /no http/],
    ['etcd(petstore, a b)', 16, /no http/],
    ['http://', 1, /no http/],
    ['   ', 1, /key/],
  ] as const)
    it(`says where ${JSON.stringify(text)} goes wrong`, () => {
      const problem = parseEtcdHost(text)
      assert.ok('reason' in problem)
      assert.match(problem.reason, reason)
      assert.equal(problem.at, at)
    })

  it('keeps several entries apart in one name', () => {
    const names = fc.stringMatching(/^[a-z/][a-z0-9/_.-]{0,12}$/)
    const urls = fc.stringMatching(/^https?:\/\/[a-z]{1,5}(:\d{2})?(\/[a-z,()]{0,5})?$/)
    const written = fc.oneof(
      fc.tuple(names, urls, fc.constantFrom('', ' ')).map(([name, url, space]) => ({
        text: `etcd${space}(${space}${name},${space}${url}${space})`,
        entry: key(name, url),
      })),
      urls.map((url) => ({ text: url, entry: { kind: 'url', url } })),
    )
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 4 }), (entries) => {
        const name = joinEtcdHosts(entries.map(({ text }) => text))
        assert.deepEqual(
          etcdHosts(name),
          entries.map(({ entry }) => entry),
        )
      }),
    )
  })

  it('takes a name with a space for one key', () => {
    assert.deepEqual(etcdHosts('my key'), [key('my key')])
  })
})
