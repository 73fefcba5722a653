import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRouter } from './router.ts'

const OPTIONS = {
  disableRest: false,
  redirectTrailingSlash: true,
  redirectFixedPath: true,
  handleMethodNotAllowed: true,
  removeExtraSlash: false,
}

/** Where KrakenD 2.13.8 sends requests that have no route; `undefined`: 404. */
const RECORDED: readonly [
  routes: readonly string[],
  answers: Readonly<Record<string, string | undefined>>,
][] = [
  [
    ['/q/{a}/{b}'],
    {
      '/q/1/': '/q/1',
      '/q/1': undefined,
      '/q/': undefined,
      '/q': undefined,
      '/Q/1/': undefined,
      '/Q/1/2': '/q/1/2',
      '/q/1/2/': '/q/1/2',
      '/x/': undefined,
    },
  ],
  [
    ['/abc', '/users/{a}', '/{a}/b'],
    {
      '/users/': '/users',
      '/users//': '/users/',
      '/ABC': '/abc',
      '/ABC/': '/ABC',
      '/abc/': '/abc',
      '/x/': '/x',
      '/x/B': '/x/b',
      '/x/b/': '/x/b',
    },
  ],
  [
    ['/A/{b}/ab', '/user/{b}/a'],
    {
      '/A/1/': '/A/1',
      '/user/b/': '/user/b',
      '/user/users/': '/user/users',
      '/user': undefined,
      '/a/1/AB': '/A/1/ab',
      '/A/1/ab/': '/A/1/ab',
    },
  ],
  [
    ['/{a}/b', '/A/{a}', '/x1', '/users/user', '/user/x1'],
    {
      '/ab/': '/ab',
      '/A/': '/A',
      '/users/': '/users',
      '/USERS/user/': '/users/user',
      '/use': undefined,
      '/user/': '/user',
      '/X1/': '/X1',
    },
  ],
  [
    ['/users/', '/files/x/'],
    {
      '/users': '/users/',
      '/USERS': '/users/',
      '/files/x': '/files/x/',
      '/files': undefined,
      '/files/': undefined,
      '/FILES/X': '/files/x/',
    },
  ],
  [['/a.b', '/{a}/', '/v1/', '/{a}'], { '/a.b/': '/a.b', '/v1': '/v1/' }],
  [
    ['/a/b/c', '/a/{x}/d'],
    {
      '/a/b/': '/a/b',
      '/a/b': undefined,
      '/a/q/': '/a/q',
      '/a/b/d/': '/a/b/d',
      '/A/B/C': '/a/b/c',
      '/A/q/D': '/a/q/d',
    },
  ],
]

for (const [routes, answers] of RECORDED)
  test(`redirects as KrakenD beside ${routes.join(' ')}`, () => {
    const router = buildRouter(
      routes.map((endpoint) => ({ method: 'GET', endpoint, value: endpoint })),
      OPTIONS,
    )
    for (const [path, wanted] of Object.entries(answers)) {
      const found = router.find('GET', path)
      assert.equal(found.kind, wanted === undefined ? 'not-found' : 'redirect', path)
      assert.equal(found.kind === 'redirect' ? found.path : undefined, wanted, path)
    }
  })

test('serves what KrakenD redirects in a circle', () => {
  const routes = ['/{a}/A', '/q/{a}/b'].map((value) => ({ method: 'GET', endpoint: value, value }))
  const found = buildRouter(routes, OPTIONS).find('GET', '/q/A')
  assert.equal(found.kind === 'route' ? found.value : undefined, '/{a}/A')
})

test('Allow leaves out a method whose walk ends before its placeholder, as in KrakenD', () => {
  const routes = ['/a.b', '/{a}/'].map((value) => ({ method: 'POST', endpoint: value, value }))
  const router = buildRouter([...routes, { method: 'GET', endpoint: '/x', value: '/x' }], OPTIONS)
  assert.equal(router.find('GET', '/a.b/').kind, 'not-found')
  assert.deepEqual(router.find('GET', '/c/'), { kind: 'method-not-allowed', allow: 'POST' })
})
