import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { type FakeEtcd, startFakeEtcd } from '../../../test/support/fake-etcd.ts'
import { scope } from '../../../test/support/source-scope.ts'
import type { Answer, Found } from '../discovery.ts'
import { sourceContract } from './contract.ts'
import { etcdSource } from './etcd.ts'

const PREFIX = '/services/orders/'
const user = { name: 'sd', password: 'pass-of-sd' }
const signal = () => AbortSignal.timeout(5000)

function setChildren(fake: FakeEtcd) {
  let last: readonly string[] = []
  return (hosts: readonly string[]) => {
    for (const host of last) if (!hosts.includes(host)) fake.remove(PREFIX + host)
    for (const host of hosts) fake.put(PREFIX + host, `http://${host}`)
    last = hosts
  }
}

for (const mode of ['watch', 'poll'])
  sourceContract({
    name: `etcd (${mode}, with user and password)`,
    service: PREFIX,
    secrets: [user.password, 'secret-token'],
    async start() {
      const fake = await startFakeEtcd({ user })
      const set = setChildren(fake)
      return {
        source: () =>
          etcdSource(
            { endpoints: [fake.url], mode, username: user.name, password: user.password },
            scope(),
          ),
        set,
        remove: () => set([]),
        fault: fake.fault,
        expire: fake.expire,
        [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
      }
    },
  })

const shown = ({ scheme, host, port, basePath, weight }: Found) =>
  `${scheme ?? ''}://${host}:${port}${basePath} ${weight}`
const shownAll = ({ instances }: Answer) => instances.map(shown)

describe('etcd', () => {
  it('reads WSO2-style keys: a URL with a path, and the default URL while the key is absent', async () => {
    await using fake = await startFakeEtcd()
    const source = etcdSource({ endpoints: fake.url }, scope())
    const name = 'etcd (petstore, https://www.example.com/v2/)'
    const absent = await source.ask(name, signal())
    assert.deepEqual(shownAll(absent), ['https://www.example.com:443/v2 1'])
    assert.match(
      absent.notes.join(),
      /petstore is not there; its default https:\/\/www\.example\.com\/v2\/ serves/,
    )
    fake.put('petstore', 'http://host/phoneverify.asmx')
    assert.deepEqual(shownAll(await source.ask(name, signal())), [
      'http://host:80/phoneverify.asmx 1',
    ])
    await source.close?.()
  })

  it('takes several entries: each key by itself, and plain URLs as they are', async () => {
    await using fake = await startFakeEtcd()
    fake.put('b', '{"url":"http://b:1/x","weight":3}')
    const source = etcdSource({ endpoints: [fake.url] }, scope())
    const name = 'etcd(a,http://a.example) etcd(b,http://b.example) http://c:3'
    assert.deepEqual(shownAll(await source.ask(name, signal())), [
      'http://a.example:80 1',
      'http://b:1/x 3',
      'http://c:3 1',
    ])
    assert.deepEqual(source.fallback?.(name).map(shown), [
      'http://a.example:80 1',
      'http://b.example:80 1',
      'http://c:3 1',
    ])
    await source.close?.()
  })

  for (const value of ['', 'abcd', '{"url":"ftp://x"}', '[]'])
    it(`refuses the value ${JSON.stringify(value)} and does not take the default for it`, async () => {
      await using fake = await startFakeEtcd()
      fake.put('a', value)
      const source = etcdSource({ endpoints: [fake.url] }, scope())
      await assert.rejects(source.ask('etcd(a,http://x)', signal()), { failure: 'broken' })
      await source.close?.()
    })

  it('gives no default away when etcd is unreachable: that is the policy to decide', async () => {
    const source = etcdSource({ endpoints: ['http://127.0.0.1:1'] }, scope())
    await assert.rejects(source.ask('etcd(a,http://x)', signal()), { failure: 'unreachable' })
    assert.deepEqual(source.fallback?.('etcd(a,http://x)').map(shown), ['http://x:80 1'])
    await source.close?.()
  })

  for (const basePath of ['/v3beta', '/v3alpha'])
    it(`finds the base path ${basePath}`, async () => {
      await using fake = await startFakeEtcd({ basePath, user })
      fake.put('a', 'http://x:1')
      const source = etcdSource(
        { endpoints: [fake.url], username: 'sd', password: user.password },
        scope(),
      )
      assert.deepEqual(shownAll(await source.ask('a', signal())), ['http://x:1 1'])
      const count = fake.questions.length
      await source.ask('a', signal())
      assert.equal(fake.questions.length, count + 1)
      await source.close?.()
    })

  it('goes to another member when one is dead, and stays there', async () => {
    await using fake = await startFakeEtcd()
    fake.put('a', 'http://x:1')
    const source = etcdSource({ endpoints: ['http://127.0.0.1:1', fake.url] }, scope())
    assert.deepEqual(shownAll(await source.ask('a', signal())), ['http://x:1 1'])
    await source.close?.()
  })

  it('logs in once for many who ask at once, and again when the token is over', async () => {
    await using fake = await startFakeEtcd({ user })
    fake.put('a', 'http://x:1')
    const source = etcdSource(
      { endpoints: [fake.url], username: 'sd', password: user.password },
      scope(),
    )
    const askMany = () => Promise.all(Array.from({ length: 20 }, () => source.ask('a', signal())))
    await askMany()
    assert.equal(fake.logins(), 1)
    fake.expire()
    await askMany()
    assert.equal(fake.logins(), 2)
    await source.close?.()
  })

  it('takes user and password for granted where the server does not ask for them', async () => {
    await using fake = await startFakeEtcd()
    fake.put('a', 'http://x:1')
    const source = etcdSource({ endpoints: [fake.url], username: 'sd', password: 'x-y-z' }, scope())
    assert.deepEqual(shownAll(await source.ask('a', signal())), ['http://x:1 1'])
    await source.close?.()
  })

  it('reads a password file again when it changes', async () => {
    await using fake = await startFakeEtcd({ user })
    fake.put('a', 'http://x:1')
    const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-etcd-'))
    const file = path.join(dir, 'password')
    const hidden: string[] = []
    const own = { ...scope(), secret: (value: string) => void hidden.push(value) }
    const source = etcdSource({ endpoints: [fake.url], username: 'sd', password_file: file }, own)
    try {
      await assert.rejects(source.ask('a', signal()), /cannot read/)
      await writeFile(file, 'wrong-one\n')
      await assert.rejects(source.ask('a', signal()), /invalid user ID or password/)
      await writeFile(file, `${user.password}\n`)
      assert.deepEqual(shownAll(await source.ask('a', signal())), ['http://x:1 1'])
      assert.deepEqual(new Set(hidden), new Set(['wrong-one', user.password, 'secret-token.0']))
    } finally {
      await source.close?.()
      await rm(dir, { recursive: true })
    }
  })

  it('reads again what was compacted away, and goes on watching', async () => {
    await using fake = await startFakeEtcd()
    fake.put('a', 'http://x:1')
    const source = etcdSource({ endpoints: [fake.url] }, scope())
    const over = new AbortController()
    const told: string[] = []
    const heard = Promise.withResolvers<void>()
    const watching = source.watch?.(
      'a',
      (answer) => {
        told.push(...shownAll(answer))
        // Before the watch starts: its revision is compacted when it does.
        if (told.length === 1) {
          fake.put('a', 'http://x:2')
          fake.compact()
        } else if (told.length === 2) fake.put('a', 'http://x:3')
        else if (told.at(-1) === 'http://x:3 1') heard.resolve()
      },
      over.signal,
    )
    await heard.promise
    over.abort()
    await watching
    assert.equal(told[1], 'http://x:2 1')
    await source.close?.()
  })

  it('polls where the server cannot watch', async () => {
    await using fake = await startFakeEtcd({ canWatch: false })
    fake.put('a', 'http://x:1')
    const source = etcdSource({ endpoints: [fake.url], timer: 20 }, scope())
    const over = new AbortController()
    const heard = Promise.withResolvers<void>()
    const watching = source.watch?.(
      'a',
      (answer) => {
        if (shownAll(answer)[0] === 'http://x:2 1') heard.resolve()
        else fake.put('a', 'http://x:2')
      },
      over.signal,
    )
    await heard.promise
    over.abort()
    await watching
    await source.close?.()
  })

  it('takes a timer as a bare number of milliseconds or as a duration', () => {
    assert.equal(etcdSource({ timer: 24_000 }, scope()).periodMs, 24_000)
    assert.equal(etcdSource({ timer: '24000' }, scope()).periodMs, 24_000)
    assert.equal(etcdSource({ timer: '4m' }, scope()).periodMs, 240_000)
    assert.equal(etcdSource({}, scope()).periodMs, 10_000)
  })

  for (const options of [
    { timer: 'soon' },
    { timer: 0 },
    { endpoints: ['ftp://x'] },
    { endpoints: [] },
    { mode: 'push' },
  ])
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => etcdSource(options, scope()), /extra_config\."discovery\/etcd"/)
    })
})
