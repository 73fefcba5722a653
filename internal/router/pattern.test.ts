import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePattern, type Segment } from './pattern.ts'

const fixed = (text: string): Segment => ({ kind: 'static', text })
const param = (name: string, prefix = ''): Segment => ({ kind: 'param', prefix, name })

describe('an endpoint pattern', () => {
  const strict: [string, string, Segment[]][] = [
    ['/', '/', [fixed('')]],
    ['/users/{user_id}', '/users/:user_id', [fixed('users'), param('user_id')]],
    ['/a/{file-name}/', '/a/:file-name/', [fixed('a'), param('file-name'), fixed('')]],
    ['/report-{name}', '/report-{name}', [fixed('report-{name}')]],
    ['/{a}/x{a}', '/:a/x:a', [param('a'), param('a', 'x')]],
    ['/files/*', '/files/*', [fixed('files'), { kind: 'wildcard' }]],
    ['/a\\:b', '/a\\:b', [fixed('a:b')]],
    ['/v1/:id', '/v1/:id', [fixed('v1'), param('id')]],
    ['//a/./b/../{id}', '/a/:id', [fixed('a'), param('id')]],
  ]
  for (const [endpoint, text, segments] of strict)
    it(`reads ${endpoint}`, () => {
      const pattern = parsePattern(endpoint, false)
      assert.equal(pattern.text, text)
      assert.deepEqual(pattern.segments, segments)
    })

  it('takes a placeholder inside a segment only with disable_rest', () => {
    const { segments, names } = parsePattern('/file.{ext}', true)
    assert.deepEqual(segments, [param('ext', 'file.')])
    assert.deepEqual(names, ['ext'])
  })

  it('names its parameters in order, what a wildcard matched last', () => {
    assert.deepEqual(parsePattern('/a/{b}/{c}/*', false).names, ['b', 'c', 'wildcard'])
  })

  const refused: [string, RegExp][] = [
    ['/a{b}{c}', /only one wildcard per path segment is allowed, has: ':b:c' in path '\/a:b:c'/],
    ['/a/:', /wildcards must be named with a non-empty name in path '\/a\/:'/],
    ['/*/b', /wildcards must be named with a non-empty name in path '\/\*\/b'/],
    ['/a/*rest', /catch-all routes are only allowed at the end of the path/],
    ['/a\\b', /invalid escape string in path/],
    ['/{__proto__}', /cannot be named __proto__/],
    ['/{wildcard}/*', /'\{wildcard\}' is the name of what/],
  ]
  for (const [endpoint, message] of refused)
    it(`refuses ${endpoint}, naming the place`, () => {
      const place = { path: 'endpoints[3].endpoint' }
      assert.throws(() => parsePattern(endpoint, true, place), {
        name: 'ConfigError',
        message,
      })
      assert.throws(() => parsePattern(endpoint, true, place), /^ConfigError: endpoints\[3\]/)
    })
})
