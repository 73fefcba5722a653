import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { buildRouter, type Found, type Route, type RouterOptions } from './router.ts'

const OPTIONS: RouterOptions = {
  disableRest: false,
  redirectTrailingSlash: true,
  redirectFixedPath: true,
  handleMethodNotAllowed: true,
  removeExtraSlash: false,
}
/** Routes by `METHOD /path`; each leads to its own text. */
const routesOf = (texts: readonly string[]): Route<string>[] =>
  texts.map((text) => {
    const [method = '', endpoint = ''] = text.split(' ')
    return { method, endpoint, value: text }
  })
const finder = (texts: readonly string[], options: Partial<RouterOptions> = {}) => {
  const router = buildRouter(routesOf(texts), { ...OPTIONS, ...options })
  return (path: string, method = 'GET') => router.find(method, path)
}
const route = (value: string, params: Record<string, string> = {}): Found<string> => ({
  kind: 'route',
  value,
  params,
})
const NOT_FOUND = { kind: 'not-found' }
const trailing = (path: string) => ({ kind: 'redirect', path, isTrailingSlash: true })
const fixed = (path: string) => ({ kind: 'redirect', path, isTrailingSlash: false })

describe('a route', () => {
  const find = finder([
    'GET /users/{id}',
    'GET /users/me',
    'GET /users/{id}/posts',
    'GET /users/me/settings',
    'GET /users/search/{term}',
    'GET /',
    'GET /files/*',
    'GET /files/{name}/meta',
  ])
  const cases: [string, string, Record<string, string>][] = [
    ['/', 'GET /', {}],
    ['/users/me', 'GET /users/me', {}],
    ['/users/mex', 'GET /users/{id}', { id: 'mex' }],
    ['/users/m', 'GET /users/{id}', { id: 'm' }],
    ['/users/me/settings', 'GET /users/me/settings', {}],
    ['/users/me/posts', 'GET /users/{id}/posts', { id: 'me' }],
    ['/users/search/posts', 'GET /users/search/{term}', { term: 'posts' }],
    ['/users/search', 'GET /users/{id}', { id: 'search' }],
    ['/files/', 'GET /files/*', { wildcard: '' }],
    ['/files/a/b.txt', 'GET /files/*', { wildcard: 'a/b.txt' }],
    ['/files/a/meta', 'GET /files/{name}/meta', { name: 'a' }],
  ]
  for (const [path, value, params] of cases)
    it(`for ${path} is ${value}`, () => assert.deepEqual(find(path), route(value, params)))

  it('takes an empty parameter in the middle of a path, never at its end', () => {
    assert.deepEqual(find('/users//posts'), route('GET /users/{id}/posts', { id: '' }))
    assert.deepEqual(find('/users/'), NOT_FOUND)
  })
  it('is found after decoding: %2F separates segments', () => {
    assert.deepEqual(find('/users%2F7'), route('GET /users/{id}', { id: '7' }))
    assert.deepEqual(find('/users/a%2Fposts'), route('GET /users/{id}/posts', { id: 'a' }))
    assert.deepEqual(find('/users/%C3%BC%20x'), route('GET /users/{id}', { id: 'ü x' }))
    assert.deepEqual(find('/users/a%252Fb'), route('GET /users/{id}', { id: 'a%2Fb' }))
  })
  it('is found for a path of raw UTF-8 bytes and for one of other bytes', () => {
    const raw = Buffer.from('/users/ü').toString('latin1')
    assert.deepEqual(find(raw), route('GET /users/{id}', { id: 'ü' }))
    assert.deepEqual(find('/users/%E9'), route('GET /users/{id}', { id: '\udce9' }))
  })
  it('with a literal percent sign is not the path as received', () => {
    const find = finder(['GET /a%20b', 'GET /ü'])
    assert.deepEqual(find('/a%20b'), NOT_FOUND)
    assert.deepEqual(find('/a%2520b'), route('GET /a%20b'))
    assert.deepEqual(find('/%C3%BC'), route('GET /ü'))
  })
  it('of placeholders inside segments prefers the longest text before them', () => {
    const find = finder(['GET /file{x}', 'GET /file.{ext}', 'GET /{any}'], { disableRest: true })
    assert.deepEqual(find('/file.pdf'), route('GET /file.{ext}', { ext: 'pdf' }))
    assert.deepEqual(find('/file.'), route('GET /file{x}', { x: '.' }))
    assert.deepEqual(find('/file'), route('GET /{any}', { any: 'file' }))
  })
  it('for a broken escape or no path at all is none: a bad path', () => {
    for (const path of ['/users/%zz', '/users/%', 'users', ''])
      assert.deepEqual(find(path), { kind: 'bad-path' })
  })
})

describe('a near miss', () => {
  const find = finder([
    'GET /users/{id}/orders',
    'GET /Static/Page',
    'GET /a/',
    'POST /submit',
    'GET /f/*',
  ])
  it('is redirected to the path with or without the slash at its end', () => {
    assert.deepEqual(find('/users/1/orders/'), trailing('/users/1/orders'))
    assert.deepEqual(find('/a'), trailing('/a/'))
    assert.deepEqual(find('/f'), trailing('/f/'))
  })
  it('is redirected to the clean path in the case of the endpoint', () => {
    assert.deepEqual(find('/USERS/Abc/Orders'), fixed('/users/Abc/orders'))
    assert.deepEqual(find('//users/1/orders'), fixed('/users/1/orders'))
    assert.deepEqual(find('/x/../users/./1/orders'), fixed('/users/1/orders'))
    assert.deepEqual(find('/static/page'), fixed('/Static/Page'))
    assert.deepEqual(find('/STATIC/PAGE/'), fixed('/Static/Page'))
    assert.deepEqual(find('/F/x/Y'), fixed('/f/x/Y'))
    assert.deepEqual(find('/SUBMIT', 'POST'), fixed('/submit'))
    assert.deepEqual(find('/Nothing/Here'), NOT_FOUND)
  })
  it('keeps the value of a parameter as it is, and the empty one out', () => {
    const find = finder(['GET /users/{id}'])
    assert.deepEqual(find('/Users/%C3%84B'), fixed('/users/ÄB'))
    assert.deepEqual(find('/Users//'), NOT_FOUND)
  })
  it('with only the trailing-slash redirect off still goes to the fixed path', () => {
    const find = finder(['GET /users'], { redirectTrailingSlash: false })
    assert.deepEqual(find('/users/'), fixed('/users'))
    assert.deepEqual(find('/USERS'), fixed('/users'))
  })
  it('with both redirects and the 405 off is not found', () => {
    const find = finder(['GET /users', 'GET /catalog/'], {
      redirectTrailingSlash: false,
      redirectFixedPath: false,
      handleMethodNotAllowed: false,
    })
    for (const path of ['/users/', '/Users', '/catalog', '//users'])
      assert.deepEqual(find(path), NOT_FOUND)
    assert.deepEqual(find('/users', 'POST'), NOT_FOUND)
  })
  it('with remove_extra_slash is served without a redirect', () => {
    const find = finder(['GET /users/{id}/orders'], { removeExtraSlash: true })
    assert.deepEqual(find('//users///1/orders'), route('GET /users/{id}/orders', { id: '1' }))
    assert.deepEqual(find('/users//orders'), NOT_FOUND)
  })
})

describe('another method', () => {
  const find = finder([
    'GET /health',
    'GET /u/{id}',
    'DELETE /u/{id}',
    'PUT /u/{other}',
    'POST /login',
  ])
  const allow = (list: string) => ({ kind: 'method-not-allowed', allow: list })
  it('is told the methods of the path in the order of their first registration', () => {
    assert.deepEqual(find('/u/1', 'POST'), allow('GET, DELETE, PUT'))
    assert.deepEqual(find('/login'), allow('POST'))
    assert.deepEqual(find('/login', 'PROPFIND'), allow('POST'))
  })
  it('is never derived: not HEAD from GET, not OPTIONS', () => {
    assert.deepEqual(find('/health', 'HEAD'), allow('GET'))
    assert.deepEqual(find('/health', 'OPTIONS'), allow('GET'))
  })
  it('with the path of a redirect is not found', () => {
    assert.deepEqual(find('/login/', 'GET'), NOT_FOUND)
  })
})

describe('a conflict', () => {
  const build =
    (...endpoints: string[]) =>
    () =>
      buildRouter(
        endpoints.map((endpoint, at) => ({
          method: 'GET',
          endpoint,
          value: at,
          place: { path: `endpoints[${at}].endpoint` },
        })),
        OPTIONS,
      )
  it('of the same path stops the start and names both endpoints', () => {
    assert.throws(build('/a/{b}', '/x', '/a/{b}'), {
      name: 'ConfigError',
      message:
        "endpoints[2].endpoint: handlers are already registered for path '/a/:b' (GET /a/{b} and GET /a/{b} at endpoints[0].endpoint)",
    })
    assert.throws(build('/a/*', '/a/*'), /handlers are already registered for path '\/a\/\*'/)
  })
  it('of sibling placeholders stops the start and names both endpoints', () => {
    assert.throws(build('/a/{b}', '/a/{c}/d'), {
      name: 'ConfigError',
      message:
        "endpoints[1].endpoint: ':c' in new path '/a/:c/d' conflicts with existing wildcard ':b' in existing prefix '/a/:b' (GET /a/{c}/d and GET /a/{b} at endpoints[0].endpoint)",
    })
  })
  it('is reported with every other one', () => {
    assert.throws(
      build('/a/{b}', '/a/{c}', '/d', '/d'),
      /':c' in new path[\s\S]*already registered/,
    )
  })
  it('is none between methods', () => {
    const routes = routesOf(['GET /a/{b}', 'POST /a/{c}'])
    assert.deepEqual(
      buildRouter(routes, OPTIONS).find('POST', '/a/1'),
      route('POST /a/{c}', { c: '1' }),
    )
  })
})

/** What a route's path matches, as the plainest reading of the rules says. */
function naiveMatch(endpoint: string, path: string): Record<string, string> | undefined {
  const [wanted, parts] = [endpoint.split('/'), path.split('/')]
  if (wanted.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [at, segment] of wanted.entries()) {
    const part = parts[at] as string
    if (!segment.startsWith('{')) {
      if (segment !== part) return undefined
    } else if (part === '' && at === parts.length - 1) return undefined
    else params[segment.slice(1, -1)] = part
  }
  return params
}
/** Of two that match, the one with a static segment where they part comes first. */
const rank = (endpoint: string): string => endpoint.replace(/\{[^}]*\}/g, '\uffff')
function naiveFind(routes: readonly Route<string>[], method: string, path: string) {
  const [best] = routes
    .filter((one) => one.method === method && naiveMatch(one.endpoint, path) !== undefined)
    .toSorted((one, other) => (rank(one.endpoint) < rank(other.endpoint) ? -1 : 1))
  return best === undefined ? undefined : route(best.value, naiveMatch(best.endpoint, path))
}

describe('the router and the naive model', () => {
  const depthName = (segment: string, at: number) => (segment === '{}' ? `{p${at}}` : segment)
  const endpoint = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'users', '{}', '{}'), { minLength: 1, maxLength: 5 })
    .chain((parts) =>
      fc.constantFrom('', '/').map((end) => `/${parts.map(depthName).join('/')}${end}`),
    )
  const routes = fc
    .uniqueArray(fc.tuple(fc.constantFrom('GET', 'POST'), endpoint), {
      selector: ([method, path]) => `${method} ${path}`,
      minLength: 1,
      maxLength: 12,
    })
    .map((list) => routesOf(list.map(([method, path]) => `${method} ${path}`)))
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'users', 'x', ''), { minLength: 1, maxLength: 6 })
    .map((parts) => `/${parts.join('/')}`)

  it('agree on every route, and redirects never lead in a circle', () => {
    fc.assert(
      fc.property(routes, fc.array(path, { minLength: 1, maxLength: 20 }), (list, paths) => {
        const router = buildRouter(list, OPTIONS)
        for (const one of paths) {
          const found = router.find('GET', one)
          const expected = naiveFind(list, 'GET', one)
          if (expected === undefined) assert.notEqual(found.kind, 'route')
          // Beside placeholders the fixed path with another slash wins: it must lead to a route of its own.
          else if (found.kind !== 'redirect') assert.deepEqual(found, expected)
          else assert.equal(router.find('GET', found.path).kind, 'route')
          const seen = new Set([one])
          for (let next = found; next.kind === 'redirect'; next = router.find('GET', next.path)) {
            assert.ok(!seen.has(next.path), `${one} leads to ${next.path} again`)
            seen.add(next.path)
          }
          if (found.kind === 'method-not-allowed') assert.ok(naiveFind(list, 'POST', one))
        }
      }),
      { numRuns: 300 },
    )
  })
})
