import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { startGateway } from '../support/start-gateway.ts'

const folder = await mkdtemp(path.join(os.tmpdir(), 'static-'))
after(() => rm(folder, { recursive: true }))
await mkdir(path.join(folder, 'api'))
await writeFile(path.join(folder, 'data.json'), '{"a":1}')
await writeFile(path.join(folder, 'index.html'), '<h1>Hi</h1>')
await writeFile(path.join(folder, '.secret'), 'secret')
const large = Buffer.alloc(3 << 20, 'abc')
await writeFile(path.join(folder, 'large.txt'), large)

const backend = (encoding: string, url_pattern: string) => ({
  host: ['http://nobody.test'],
  url_pattern,
  encoding,
  extra_config: { 'backend/static-filesystem': { path: folder } },
})
const config = {
  extra_config: {
    'server/static-filesystem': { prefix: '/media/', path: folder, skip: ['/media/api'] },
  },
  endpoints: [
    { endpoint: '/data', backend: [backend('json', '/data.json')] },
    { endpoint: '/none', backend: [backend('json', '/none.json')] },
    {
      endpoint: '/files/{name}',
      output_encoding: 'no-op',
      input_headers: ['Range', 'If-None-Match'],
      backend: [backend('no-op', '/{name}')],
    },
    { endpoint: '/media/api/data', backend: [backend('json', '/data.json')] },
  ],
}

test('files of a folder, below a prefix and as a backend', async () => {
  await using gateway = await startGateway(config)
  const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${gateway.url}${url}`, { headers, method, redirect: 'manual' })
  const textOf = async (url: string) => (await get(url)).text()

  assert.equal(await textOf('/media/'), '<h1>Hi</h1>')
  assert.equal((await get('/media')).headers.get('location'), './media/')
  assert.deepEqual(await (await get('/media/data.json')).json(), { a: 1 })
  assert.deepEqual(await (await get('/media/api/data')).json(), { a: 1 })
  assert(Buffer.from(await (await get('/media/large.txt')).arrayBuffer()).equals(large))
  const head = await get('/media/large.txt', {}, 'HEAD')
  assert.equal(head.headers.get('content-length'), String(large.length))
  assert.equal((await get('/media/data.json', {}, 'POST')).status, 405)
  for (const hidden of [
    '/media/.secret',
    '/media/%2e%2e/x',
    '/media/%2e%2e%2f%2e%2e%2fetc/passwd',
    '/media/none',
  ])
    assert.equal((await get(hidden)).status, 404, hidden)

  assert.deepEqual(await (await get('/data')).json(), { a: 1 })
  assert.equal((await get('/none')).status, 500)
  const part = await get('/files/data.json', { Range: 'bytes=1-3' })
  assert.deepEqual([part.status, await part.text()], [206, '"a"'])
  const known = await get('/files/data.json', { 'If-None-Match': part.headers.get('etag') ?? '' })
  assert.equal(known.status, 304)
  assert.equal((await get('/files/none')).status, 404)
  assert.equal((await get('/files/.secret')).status, 404)
})

test('a folder that is not there stops the start', async () => {
  const wrong = { 'server/static-filesystem': { prefix: '/media', path: '/does/not/exist' } }
  await assert.rejects(
    startGateway({ ...config, extra_config: wrong }),
    /extra_config\."server\/static-filesystem"\.path: ENOENT/,
  )
})
