import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from '../../internal/discovery/discovery.ts'
import { sourceContract } from '../../internal/discovery/sources/contract.ts'
import { kubernetesSource } from '../../internal/discovery/sources/kubernetes.ts'
import { stateFolder } from '../servers/table.ts'
import { NO_FAULTS, realRegistry, send, until } from '../support/real-registry.ts'
import { serverOrSkip } from '../support/servers.ts'
import { scope } from '../support/source-scope.ts'

const ADDRESS = 'https://127.0.0.1:9300'
const ETCD = 'http://127.0.0.1:9301'
const SLICES = `${ADDRESS}/apis/discovery.k8s.io/v1/namespaces/default/endpointslices`
/** Of the script's tokens, one that may do everything and one that may do nothing. */
const [TOKEN, POOR_TOKEN] = ['admin-token', 'reader-token']
const CA = path.join(stateFolder(), 'tls/ca.crt')
const signal = () => AbortSignal.timeout(8000)
const server = serverOrSkip('kube-apiserver')

async function kube(method: string, url: string, body?: object): Promise<string> {
  const ca = await readFile(CA, 'utf8')
  return send(url, {
    method,
    ca,
    headers: { authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { body }),
  })
}
const nameOf = (host: string, port: number) => `orders-${host.replaceAll('.', '-')}-${port}`

function slice(name: string, port: number, endpoints: readonly object[]) {
  const metadata = { name, labels: { 'kubernetes.io/service-name': 'orders' } }
  const ports = [{ name: 'http', port, protocol: 'TCP' }]
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    ports,
    endpoints,
  }
}
const add = (host: string, port: number) =>
  kube(
    'POST',
    SLICES,
    slice(nameOf(host, port), port, [{ addresses: [host], conditions: { ready: true } }]),
  )
const drop = (host: string, port: number) => kube('DELETE', `${SLICES}/${nameOf(host, port)}`)
const sourceWith = (token = TOKEN) =>
  kubernetesSource({ address: ADDRESS, token, ca_file: CA }, scope())
const hosts = ({ instances }: Answer) => instances.map(({ host }) => host)

describe('a real Kubernetes API', { skip: server.skip }, () => {
  before(() => server.start(undefined, { KUBE_FLAGS: '--watch-cache=false' }))
  after(() => server.stop())

  sourceContract({
    name: 'kubernetes',
    service: 'orders',
    without: NO_FAULTS,
    secrets: [TOKEN],
    start: async () => realRegistry({ source: sourceWith, add, drop }),
  })

  it('leaves out what is not ready, and keeps zones', async () => {
    const endpoints = [
      { addresses: ['10.0.0.1'], conditions: { ready: true }, zone: 'a' },
      { addresses: ['10.0.0.2'], conditions: { ready: false } },
    ]
    await kube('POST', SLICES, slice('orders-some', 80, endpoints))
    const source = sourceWith()
    const { instances, notes } = await source.ask('orders.default:http', signal())
    assert.deepEqual(
      instances.map(({ host, zone }) => [host, zone]),
      [['10.0.0.1', 'a']],
    )
    assert.match(notes.join(), /10\.0\.0\.2: dropped, it is unready/)
    await kube('DELETE', `${SLICES}/orders-some`)
    await source.close?.()
  })

  it('says what is refused', async () => {
    for (const [token, reason] of [
      ['wrong-token', /401: Unauthorized/],
      [POOR_TOKEN, /403: .*forbidden/],
    ] as const) {
      const source = sourceWith(token)
      await assert.rejects(source.ask('orders', signal()), reason)
      await source.close?.()
    }
    const distrusting = kubernetesSource({ address: ADDRESS, token: TOKEN }, scope())
    await assert.rejects(distrusting.ask('orders', signal()), { failure: 'unreachable' })
    await distrusting.close?.()
  })

  it('lists again when its version was compacted away', async () => {
    const source = sourceWith()
    const told: string[] = []
    const over = new AbortController()
    // Waits between list and watch: the answer is told in between.
    const compacted = Promise.withResolvers<void>()
    const watching = source.watch?.(
      'orders',
      (answer) => {
        told.push(hosts(answer).join())
        if (told.length === 1) compact().then(compacted.resolve, compacted.reject)
      },
      over.signal,
    )
    await compacted.promise
    await add('10.0.0.7', 7)
    await until(() => assert.equal(told.at(-1), '10.0.0.7'))
    over.abort()
    await watching
    await drop('10.0.0.7', 7)
    await source.close?.()
  })
})

/** Makes every version of before too old. */
async function compact(): Promise<void> {
  await add('10.0.0.8', 8)
  await drop('10.0.0.8', 8)
  await wait(100)
  const { header } = JSON.parse(
    await send(`${ETCD}/v3/kv/range`, { method: 'POST', body: { key: 'AA==' } }),
  )
  await send(`${ETCD}/v3/kv/compaction`, {
    method: 'POST',
    body: { revision: header.revision, physical: true },
  })
}
