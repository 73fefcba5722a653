import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { collect } from '../pipe/collect.ts'
import { headerValue } from '../pipe/headers.ts'
import type { HeaderList } from '../pipe/pipe.ts'
import { siteAt } from './site.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'site-'))
after(() => rmSync(folder, { recursive: true }))
const outside = `${folder}-outside`
mkdirSync(outside)
after(() => rmSync(outside, { recursive: true }))
writeFileSync(path.join(outside, 'secret.txt'), 'secret')
writeFileSync(path.join(folder, 'a.txt'), '0123456789')
writeFileSync(path.join(folder, 'empty.json'), '')
writeFileSync(path.join(folder, 'name <b>&.html'), '<p>')
writeFileSync(path.join(folder, '.env'), 'secret')
mkdirSync(path.join(folder, 'sub/.git'), { recursive: true })
mkdirSync(path.join(folder, 'plain'))
writeFileSync(path.join(folder, 'sub/.git/config'), 'secret')
writeFileSync(path.join(folder, 'sub/index.html'), '<h1>')
symlinkSync('a.txt', path.join(folder, 'link.txt'))
symlinkSync(outside, path.join(folder, 'out'))
symlinkSync('.env', path.join(folder, 'env.txt'))
utimesSync(path.join(folder, 'a.txt'), 1_700_000_000, 1_700_000_000)

const site = siteAt(folder, { lists: false })
async function got(wanted: string, asked: HeaderList = [], lists = false) {
  const answer = await (lists ? siteAt(folder, { lists }) : site).answer(wanted, asked)
  if (answer === undefined) return undefined
  const text = answer.body === undefined ? '' : (await collect(answer.body, 1 << 20)).toString()
  return {
    status: answer.status,
    text,
    header: (name: string) => headerValue(answer.headers, name),
  }
}

describe('a folder as a site', () => {
  it('serves files with type, size and validators', async () => {
    const file = await got('/a.txt')
    assert.deepEqual([file?.status, file?.text], [200, '0123456789'])
    assert.equal(file?.header('content-type'), 'text/plain; charset=utf-8')
    assert.equal(file?.header('content-length'), '10')
    assert.equal(file?.header('last-modified'), 'Tue, 14 Nov 2023 22:13:20 GMT')
    assert.equal((await got('/empty.json'))?.text, '')
    assert.equal((await got('/link.txt'))?.text, '0123456789')
  })
  it('serves nothing from outside, no dot files, and nothing that is no file', async () => {
    for (const wanted of [
      ...['/none', '/out/secret.txt', '/out/', '/../a.txt', '/sub/../a.txt', '/.env', '/env.txt'],
      ...[
        '/sub/.git/config',
        '/a.txt\0',
        '/a.txt/',
        '\\a.txt',
        '/plain/',
        `/..${outside}/secret.txt`,
      ],
    ])
      assert.equal(await got(wanted), undefined, wanted)
  })
  it('answers for folders with their index page, or with a list where that is wanted', async () => {
    assert.equal((await got('/sub/'))?.text, '<h1>')
    const redirect = await got('/sub')
    assert.deepEqual([redirect?.status, redirect?.header('location')], [301, './sub/'])
    const list = await got('/', [], true)
    assert(list?.text.includes('<a href="./a.txt">a.txt</a>'))
    assert(list?.text.includes('<a href="./sub/">sub/</a>'))
    assert(list?.text.includes('./name%20%3Cb%3E%26.html">name &lt;b&gt;&amp;.html<'))
    assert(!list?.text.includes('.env') && !list?.text.includes('out'))
  })
  it('leaves out what the client has', async () => {
    const etag = (await got('/a.txt'))?.header('etag') ?? ''
    const status = async (...asked: string[]) => (await got('/a.txt', asked))?.status
    assert.equal(await status('If-None-Match', `"x", W/${etag}`), 304)
    assert.equal(
      await status('If-None-Match', '"x"', 'If-Modified-Since', 'Tue, 14 Nov 2023 22:13:20 GMT'),
      200,
    )
    assert.equal(await status('If-Modified-Since', 'Tue, 14 Nov 2023 22:13:20 GMT'), 304)
    assert.equal(await status('If-Modified-Since', 'Tue, 14 Nov 2023 22:13:19 GMT'), 200)
    assert.equal(await status('If-Modified-Since', 'never'), 200)
  })
  it('serves parts', async () => {
    const etag = (await got('/a.txt'))?.header('etag') ?? ''
    const part = async (range: string, ...asked: string[]) => {
      const answer = await got('/a.txt', ['Range', range, ...asked])
      return [answer?.status, answer?.text, answer?.header('content-range')]
    }
    assert.deepEqual(await part('bytes=2-4'), [206, '234', 'bytes 2-4/10'])
    assert.deepEqual(await part('bytes=8-99'), [206, '89', 'bytes 8-9/10'])
    assert.deepEqual(await part('bytes=-3'), [206, '789', 'bytes 7-9/10'])
    assert.deepEqual(await part('bytes=10-'), [416, '', 'bytes */10'])
    assert.deepEqual(await part('bytes=-0'), [416, '', 'bytes */10'])
    for (const odd of ['bytes=4-2', 'bytes=-', 'bytes=a-b', 'items=1-2', 'bytes=0-1,3-4'])
      assert.deepEqual(await part(odd), [200, '0123456789', undefined], odd)
    assert.equal((await part('bytes=2-4', 'If-Range', etag))[0], 206)
    assert.equal((await part('bytes=2-4', 'If-Range', '"x"'))[0], 200)
  })
  it('cuts an answer whose file changes before it is read', async () => {
    const file = path.join(folder, 'changing.txt')
    writeFileSync(file, 'one')
    const answer = await site.answer('/changing.txt', [])
    writeFileSync(file, 'another')
    assert(answer?.body)
    await assert.rejects(collect(answer.body, 100), /changed while it was sent/)
  })
  it('holds back when nobody takes more, and holds nothing when it is given up', async () => {
    writeFileSync(path.join(folder, 'large.bin'), Buffer.alloc(1 << 20))
    const answer = await site.answer('/large.bin', [])
    assert(answer?.body)
    const { body } = answer
    let bytes = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    body.start({
      data(chunk) {
        bytes += chunk.length
        setImmediate(() => body.resume())
        return false
      },
      end: resolve,
      error: assert.fail,
    })
    await promise
    assert.equal(bytes, 1 << 20)
  })
  it('needs a folder that is there', () => {
    assert.throws(() => siteAt('/does/not/exist', { lists: false }))
    assert.throws(() => siteAt(path.join(folder, 'a.txt'), { lists: false }), /is no folder/)
  })
})
