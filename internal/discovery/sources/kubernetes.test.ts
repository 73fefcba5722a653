import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import {
  type FakeKubernetes,
  type FakeSlice,
  slice,
  startFakeKubernetes,
} from '../../../test/support/fake-kubernetes.ts'
import { scope } from '../../../test/support/source-scope.ts'
import type { Answer } from '../discovery.ts'
import { sourceContract } from './contract.ts'
import { kubernetesSource } from './kubernetes.ts'

const signal = () => AbortSignal.timeout(5000)
const TOKEN = 'secret-account-token'

sourceContract({
  name: 'kubernetes (with a token)',
  service: 'orders',
  secrets: [TOKEN],
  async start() {
    const fake = await startFakeKubernetes()
    fake.setToken(TOKEN)
    let last: readonly string[] = []
    return {
      source: () => kubernetesSource({ address: fake.url, token: TOKEN }, scope()),
      set(hosts) {
        // A slice an instance: ports differ.
        for (const host of last) if (!hosts.includes(host)) fake.remove(host)
        for (const host of hosts) if (!last.includes(host)) fake.put(host, slice([host]))
        last = hosts
      },
      remove: () => last.forEach(fake.remove),
      fault: fake.fault,
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
    }
  },
})

const shown = ({ instances }: Answer) =>
  instances.map(({ scheme, host, port, zone }) => `${scheme ?? ''} ${host}:${port} ${zone}`.trim())

async function askFor(slices: readonly FakeSlice[], service = 'orders') {
  await using fake = await startFakeKubernetes()
  for (const [at, one] of slices.entries()) fake.put(`orders-${at}`, one)
  const source = kubernetesSource({ address: fake.url }, scope())
  const answer = await source.ask(service, signal())
  await source.close?.()
  return answer
}

const endpoint = (address: string, conditions: object, more: object = {}) => ({
  addresses: [address],
  conditions,
  ...more,
})

describe('kubernetes', () => {
  it('merges slices over pages, and takes an endpoint that stands in two once', async () => {
    const slices = [['10.0.0.1:1', '10.0.0.2:1'], ['10.0.0.2:1'], ['10.0.0.3:1']].map((one) =>
      slice(one),
    )
    assert.deepEqual(shown(await askFor(slices)), ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.3:1'])
  })

  it('takes unsaid for ready, and leaves out what is not', async () => {
    const endpoints = [
      endpoint('10.0.0.1', {}),
      { addresses: ['10.0.0.2'] },
      endpoint('10.0.0.3', { ready: false, serving: false }),
      endpoint('10.0.0.4', { ready: false, serving: true, terminating: true }),
    ]
    const answer = await askFor([slice([], { endpoints })])
    assert.deepEqual(shown(answer), ['10.0.0.1:80', '10.0.0.2:80'])
    assert.match(
      answer.notes.join(),
      /10\.0\.0\.3: dropped, it is unready.*10\.0\.0\.4: dropped, it is terminating/,
    )
  })

  it('takes what still serves on its way out when nothing else is left', async () => {
    const endpoints = [
      endpoint('10.0.0.3', { ready: false, serving: false }),
      endpoint('10.0.0.4', { ready: false, serving: true, terminating: true }),
    ]
    assert.deepEqual(shown(await askFor([slice([], { endpoints })])), ['10.0.0.4:80'])
  })

  const ports = [
    { name: 'admin', protocol: 'TCP', port: 9 },
    { name: 'https', protocol: 'TCP', port: 443 },
    { name: 'dns', protocol: 'UDP', port: 53 },
  ]
  for (const [service, expected] of [
    ['orders', ['https 10.0.0.1:443']],
    ['orders:admin', ['10.0.0.1:9']],
    ['orders:9', ['10.0.0.1:9']],
    ['orders:dns', []],
    ['orders.default:nothing', []],
  ] as const)
    it(`takes for ${service} the port of ${expected[0] ?? 'none'}`, async () => {
      assert.deepEqual(shown(await askFor([slice(['10.0.0.1:1'], { ports })], service)), expected)
    })

  it('keeps zone and hints, and one family of a dual-stack service', async () => {
    const hints = { forZones: [{ name: 'a' }, { name: 'b' }] }
    const v4 = slice([], {
      endpoints: [endpoint('10.0.0.1', {}, { zone: 'a', hints, nodeName: 'n1' })],
    })
    const v6 = slice([], { addressType: 'IPv6', endpoints: [endpoint('fd00::1', {})] })
    const answer = await askFor([v6, v4])
    assert.deepEqual(shown(answer), ['10.0.0.1:80 a'])
    assert.deepEqual(answer.instances[0]?.metadata, { 'port.http': '80', node: 'n1', zones: 'a,b' })
    assert.deepEqual(shown(await askFor([v6])), ['fd00::1:80'])
  })

  it('looks in the namespace that the name or the options say', async () => {
    await using fake = await startFakeKubernetes()
    const source = kubernetesSource({ address: fake.url, namespace: 'shop' }, scope())
    for (const name of ['orders', 'orders.other', 'orders.other.svc.cluster.local:http'])
      await source.ask(name, signal())
    const namespaces = fake.questions.map((one) => /namespaces\/([^/]+)/.exec(one)?.[1])
    assert.deepEqual(namespaces, ['shop', 'other', 'other'])
    await assert.rejects(source.ask('no name/at all', signal()), { failure: 'broken' })
    await source.close?.()
  })

  it('lists again when its version is too old, and goes on from bookmarks', async () => {
    await using fake = await startFakeKubernetes()
    fake.put('one', slice(['10.0.0.1:1']))
    const told = await watched(fake)
    await told.until((last) => last === '10.0.0.1:1')
    const lists = () => fake.questions.filter((one) => !one.includes('watch=1')).length
    assert.equal(lists(), 1)
    await fake.watched()
    const { count } = told
    fake.bookmark()
    await told.until(() => told.count > count)
    fake.expireVersions()
    fake.put('two', slice(['10.0.0.2:1']))
    await told.until((last) => last === '10.0.0.1:1 10.0.0.2:1')
    assert.equal(lists(), 2)
    await told.end()
  })

  it('reads a token file again when it changes', async () => {
    await using fake = await startFakeKubernetes()
    const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-token-'))
    const file = path.join(dir, 'token')
    await writeFile(file, 'first-token')
    fake.setToken('first-token')
    const source = kubernetesSource({ address: fake.url, token_file: file }, scope())
    try {
      await source.ask('orders', signal())
      fake.setToken('second-token')
      await assert.rejects(source.ask('orders', signal()), /401: Unauthorized/)
      await writeFile(file, 'second-token\n')
      await source.ask('orders', signal())
    } finally {
      await source.close?.()
      await rm(dir, { recursive: true })
    }
  })
})

async function watched(fake: FakeKubernetes) {
  const source = kubernetesSource({ address: fake.url }, scope())
  const over = new AbortController()
  const checks = new Set<() => void>()
  const told = { last: '', count: 0 }
  const watching = source.watch?.(
    'orders',
    (answer) => {
      told.last = shown(answer).join(' ')
      told.count++
      for (const check of checks) check()
    },
    over.signal,
  )
  return {
    get count() {
      return told.count
    },
    async until(holds: (last: string) => boolean) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const check = () => void (holds(told.last) && resolve())
      checks.add(check)
      check()
      await promise
      checks.delete(check)
    },
    async end() {
      over.abort()
      await watching
      await source.close?.()
    },
  }
}
