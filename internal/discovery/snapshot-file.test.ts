import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { hosts, names } from '../../test/support/found.ts'
import { handClock } from '../../test/support/hand-clock.ts'
import type { Found } from './discovery.ts'
import type { PoolState } from './pool.ts'
import { snapshotFiles } from './snapshot-file.ts'

let dir = ''
before(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'snapshot-'))
})
after(() => rm(dir, { recursive: true, force: true }))

const state = (instances: readonly Found[], answeredAtMs: number, from = 0) =>
  ({ instances, answeredAtMs, from, isFromFile: false }) as PoolState

function start() {
  const clock = handClock(Date.now())
  const lines: string[] = []
  const line = (...words: readonly unknown[]) => void lines.push(words.join(' '))
  const log = { debug: line, info: line, warning: line, error: line, critical: line }
  return { clock, lines, files: () => snapshotFiles({ log, now: clock.now, timer: clock.timer }) }
}

describe('the snapshot file', () => {
  it('gives the next run the lists of this one, until they are too old', async () => {
    const choice = { path: path.join(dir, 'deep', 'hosts.json'), maxAgeMs: 60_000 }
    const { clock, files } = start()
    const now = files()
    const [one] = hosts('one')
    const whole: Found = {
      ...(one as Found),
      scheme: 'https',
      addresses: ['10.0.0.1'],
      basePath: '/v2',
      weight: 2.5,
      zone: 'a',
      metadata: { k: 'v' },
      isPinned: true,
      tier: 1,
    }
    now.put(choice, 'orders', state([whole], clock.now()))
    now.put(choice, 'users', state(hosts('two'), clock.now()))
    clock.pass(1000)
    await now.close()
    assert.deepEqual(await readdir(path.dirname(choice.path)), ['hosts.json'])
    const next = files()
    assert.deepEqual(next.get(choice, 'orders')?.instances, [whole])
    assert.deepEqual(names(next.get(choice, 'users')?.instances), ['two'])
    assert.equal(next.get(choice, 'unknown'), undefined)
    clock.pass(59_001)
    assert.equal(next.get(choice, 'orders'), undefined)
  })

  it('keeps nothing that only stands in', async () => {
    const choice = { path: path.join(dir, 'none.json'), maxAgeMs: 60_000 }
    const { clock, files } = start()
    const now = files()
    now.put(choice, 'orders', state(hosts('default'), clock.now(), 1))
    await now.close()
    assert.equal(files().get(choice, 'orders'), undefined)
  })

  it('writes at once what is left when the process ends', async () => {
    const choice = { path: path.join(dir, 'late.json'), maxAgeMs: 60_000 }
    const { clock, files } = start()
    const now = files()
    now.put(choice, 'orders', state(hosts('one'), clock.now()))
    await now.close()
    assert.deepEqual(names(files().get(choice, 'orders')?.instances), ['one'])
  })

  for (const [what, text] of Object.entries({
    'is no JSON': '{"version": 1, "lists"',
    'is of another version': '{"version": 2, "lists": {}}',
    'is something else': '[]',
  })) {
    it(`goes without a file that ${what}, and says so`, async () => {
      const choice = { path: path.join(dir, 'bad.json'), maxAgeMs: 60_000 }
      await writeFile(choice.path, text)
      const { files, lines } = start()
      assert.equal(files().get(choice, 'orders'), undefined)
      assert.match(lines.join('\n'), /bad\.json cannot be read/)
    })
  }

  it('takes no instance that cannot be one', async () => {
    const choice = { path: path.join(dir, 'odd.json'), maxAgeMs: 60_000 }
    const instances = [
      { host: 'good', port: 80, basePath: '@evil.example/', addresses: ['nonsense', '10.0.0.1'] },
      { host: 'bad host/@evil', port: 80 },
      { host: 'bad', port: 0 },
      'text',
    ]
    const lists = { orders: { instances, atMs: Date.now() } }
    await writeFile(choice.path, JSON.stringify({ version: 1, lists }))
    const kept = start().files().get(choice, 'orders')?.instances
    assert.deepEqual(names(kept), ['good'])
    assert.deepEqual([kept?.[0]?.basePath, kept?.[0]?.addresses], ['', ['10.0.0.1']])
  })

  it('tells once that it cannot be written, and stops nothing', async () => {
    const file = path.join(dir, 'file')
    await writeFile(file, '')
    const choice = { path: path.join(file, 'hosts.json'), maxAgeMs: 60_000 }
    const { clock, files, lines } = start()
    const now = files()
    for (const name of ['one', 'two']) {
      now.put(choice, 'orders', state(hosts(name), clock.now()))
      clock.pass(1000)
    }
    await now.close()
    assert.equal(lines.filter((line) => line.includes('cannot be written')).length, 1)
  })

  it('never shows half a file', async () => {
    const choice = { path: path.join(dir, 'whole.json'), maxAgeMs: 60_000 }
    const { clock, files } = start()
    const now = files()
    for (let round = 0; round < 20; round++) {
      const many = Array.from({ length: 500 }, (_, at) => `host-${round}-${at}`)
      now.put(choice, 'orders', state(hosts(...many), clock.now()))
      clock.pass(1000)
    }
    const closing = now.close()
    let reads = 0
    let isClosed = false
    void closing.then(() => {
      isClosed = true
    })
    while (!isClosed) {
      const text = await readFile(choice.path, 'utf8').catch(() => undefined)
      if (text !== undefined) {
        JSON.parse(text)
        reads++
      }
    }
    assert.ok(reads > 0)
  })
})
