import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Escaping, followWildcard, pathBuilder, wirePath } from './build-path.ts'

const asIs = (): Escaping => 'as-is'
const escaped = (): Escaping => 'escaped'

describe('a url_pattern', () => {
  it('without placeholders is the same for every request', () => {
    assert.equal(pathBuilder('/a/b?x=1', asIs)({ X: 'y' }), '/a/b?x=1')
  })

  it('takes values by their capitalised names, in path and query', () => {
    const build = pathBuilder('/{shop}/{shop}-{sku}.json?ref={sku}&v=2', asIs)
    assert.equal(build({ Shop: 'vienna', Sku: 'p-1' }), '/vienna/vienna-p-1.json?ref=p-1&v=2')
  })

  it('leaves an unset placeholder as KrakenD does, escaped', () => {
    assert.equal(pathBuilder('/u/{JWT.sub}', asIs)({}), '/u/%7B%7B.JWT.sub%7D%7D')
  })

  it('never expands a placeholder that came in a value', () => {
    assert.equal(pathBuilder('/{a}/{b}', asIs)({ A: '{{.B}}', B: 'x' }), '/%7B%7B.B%7D%7D/x')
  })

  it('keeps sequential values from opening a query or another parameter', () => {
    assert.equal(pathBuilder('/n/{v}', escaped)({ V: 'a?admin=1#x' }), '/n/a%3Fadmin=1%23x')
    assert.equal(pathBuilder('/n?v={v}&w=1', escaped)({ V: 'a&b=c d' }), '/n?v=a%26b=c%20d&w=1')
    assert.throws(() => pathBuilder('/n/{v}', escaped)({}), /no value for V/)
  })
})

describe('wirePath', () => {
  const cases: readonly [string, string, string][] = [
    ['sends what Go sends unescaped', "/t/a@b:c;d,e/[x]$1!*()'", "/t/a@b:c;d,e/[x]$1!*()'"],
    ['keeps whole escapes of a clean path', '/a%2Fb%20c', '/a%2Fb%20c'],
    ['escapes a whole path anew when a part of it needs it', '/a b%2Fc', '/a%20b/c'],
    ['escapes UTF-8', '/café/€', '/caf%C3%A9/%E2%82%AC'],
    [
      'escapes blanks of a query and sends its other bytes as they are',
      '/a?q=b c&é=1',
      '/a?q=b%20c&Ã©=1',
    ],
    ['drops a fragment', '/a?b#c', '/a?b'],
  ]
  for (const [name, text, wire] of cases) it(name, () => assert.equal(wirePath(text), wire))

  it('refuses what url.Parse refuses', () => {
    assert.throws(() => wirePath('/a b%zz'), /invalid URL escape "%zz"/)
    assert.throws(() => wirePath('/a\nb'), /invalid control character/)
  })
})

describe('behind a wildcard endpoint', () => {
  it('the rest of the path follows the pattern, before its query', () => {
    assert.equal(followWildcard('/v1/*', '/'), '/{wildcard}')
    assert.equal(followWildcard('/v1/*', '/legacy?x=1'), '/legacy/{wildcard}?x=1')
    assert.equal(followWildcard('/v1/*', '/legacy/*'), '/legacy/{wildcard}')
    assert.equal(followWildcard('/v1/*', '/*?x=1'), '/{wildcard}?x=1')
  })

  it('goes where the pattern says, if it does', () => {
    assert.equal(followWildcard('/v1/*', '/a/{wildcard}/b'), '/a/{wildcard}/b')
    assert.equal(followWildcard('/v1/{id}', '/a'), '/a')
  })
})
