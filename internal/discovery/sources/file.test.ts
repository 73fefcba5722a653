import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { scope } from '../../../test/support/source-scope.ts'
import type { Found } from '../discovery.ts'
import { sourceContract } from './contract.ts'
import { fileSource } from './file.ts'

const signal = () => AbortSignal.timeout(5000)
const folder = () => mkdtemp(path.join(os.tmpdir(), 'gateway-file-'))

sourceContract({
  name: 'file',
  service: 'orders',
  without: { slow: 'files answer at once', error: 'files have no errors of their own' },
  async start() {
    const dir = await folder()
    const file = path.join(dir, 'hosts.json')
    let text = '{}'
    const write = async (next: string) => {
      await writeFile(`${file}.new`, next)
      await rename(`${file}.new`, file)
    }
    return {
      source: () => fileSource({ path: file }, scope()),
      async set(hosts) {
        text = JSON.stringify({ orders: hosts })
        await write(text)
      },
      remove: () => write('{}'),
      async fault(kind) {
        if (kind === 'down') await rm(file, { force: true })
        else await write(kind === 'garbage' ? '{"orders": [' : text)
      },
      [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
    }
  },
})

const shown = ({ scheme, host, port, basePath, weight, zone }: Found) =>
  `${scheme ?? ''} ${host}:${port}${basePath} ${weight} ${zone}`.trim()

async function read(name: string, text: string) {
  const dir = await folder()
  try {
    await writeFile(path.join(dir, name), text)
    const { instances, notes } = await fileSource({ path: path.join(dir, name) }, scope()).ask(
      'orders',
      signal(),
    )
    return { instances: instances.map(shown), notes }
  } finally {
    await rm(dir, { recursive: true })
  }
}

describe('file', () => {
  it('reads hosts as texts, as objects, and as weights by URL', async () => {
    const expected = ['http a:80/v2 3', 'b:9 1 z', '::1:8 1']
    const list = [
      '{"url":"http://a/v2","weight":3}',
      '{"host":"b","port":9,"zone":"z"}',
      '"[::1]:8"',
    ]
    assert.deepEqual((await read('h.json', `{"orders":[${list}]}`)).instances, expected)
    const map = '{"orders":{"http://a/v2":3,"b:9":1}}'
    assert.deepEqual((await read('h.json', map)).instances, ['http a:80/v2 3', 'b:9 1'])
    assert.deepEqual((await read('h.json', '{"orders":"a:1, b:2"}')).instances, ['a:1 1', 'b:2 1'])
  })

  it('reads YAML by the name of the file', async () => {
    const text = 'orders:\n  - http://a:1\n  - {url: https://b, weight: 2}\n'
    assert.deepEqual((await read('h.yaml', text)).instances, ['http a:1 1', 'https b:443 2'])
  })

  it('names what it cannot use, and fails when nothing is left', async () => {
    const { instances, notes } = await read(
      'h.json',
      '{"orders":["a:1","nonsense",7,{"url":"b:1","weight":-1}]}',
    )
    assert.deepEqual(instances, ['a:1 1'])
    assert.equal(notes.filter((note) => note.startsWith('dropped')).length, 3)
    await assert.rejects(read('h.json', '{"orders":["nonsense"]}'), { failure: 'broken' })
  })

  it('does not take names of objects for services', async () => {
    assert.deepEqual((await read('h.json', '{}')).instances, [])
    const dir = await folder()
    await writeFile(path.join(dir, 'h.json'), '{}')
    const source = fileSource({ path: path.join(dir, 'h.json') }, scope())
    assert.equal((await source.ask('constructor', signal())).isUnknown, true)
    await rm(dir, { recursive: true })
  })

  it('needs a path', () => {
    assert.throws(() => fileSource({}, scope()), /extra_config\."discovery\/file"\.path/)
  })
})
