import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { startFakeRegistry } from '../../../test/support/fake-registry.ts'
import { scope } from '../../../test/support/source-scope.ts'
import type { JsonValue } from '../../pipe/pipe.ts'
import { DiscoveryError, type Source, type SourceFactory } from '../discovery.ts'
import { consulSource } from './consul.ts'
import { etcdSource } from './etcd.ts'
import { eurekaSource } from './eureka.ts'
import { readHosts } from './hosts-text.ts'
import { kubernetesSource } from './kubernetes.ts'
import { nacosSource } from './nacos.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What stands where something else is expected. */
const ODD: readonly JsonValue[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    80,
    65_536,
    1.5,
    1e308,
    '',
    'UP',
    'a b',
    '::1',
    '-5',
    'http://x',
    '__proto__',
  ],
  ...[
    [],
    {},
    [[]],
    [null],
    { $: 'x' },
    { url: 3 },
    base64('{"url":3}'),
    base64('a b, c:99999, [::1]:8'),
  ],
]

/** `document` with `odd` at its `at`-th place, counted over all values in it; `undefined` beyond the last. */
function spoiled(document: JsonValue, at: number, odd: JsonValue): JsonValue | undefined {
  let count = at
  function walk(value: JsonValue): JsonValue {
    if (count-- === 0) return odd
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one)]))
  }
  const spoilt = walk(document)
  return count < 0 ? spoilt : undefined
}

/** Each with two instances, as the real servers answer. */
const PROTOCOLS: readonly {
  readonly name: string
  readonly factory: SourceFactory
  readonly key: string
  readonly answer: JsonValue
}[] = [
  {
    ...{ name: 'etcd', factory: etcdSource, key: 'endpoints' },
    answer: {
      header: { revision: '3' },
      kvs: [
        { key: base64('orders'), value: base64('http://a:1/x') },
        { key: base64('orders'), value: base64('[{"url":"http://b","weight":2}]') },
      ],
    },
  },
  {
    ...{ name: 'eureka', factory: eurekaSource, key: 'host' },
    answer: {
      applications: {
        apps__hashcode: 'UP_2_',
        application: [
          {
            name: 'ORDERS',
            instance: ['10.0.0.1', '10.0.0.2'].map((ipAddr) => ({
              ...{ instanceId: ipAddr, ipAddr, status: 'UP', overriddenStatus: 'UNKNOWN' },
              ...{
                port: { $: 80, '@enabled': 'true' },
                securePort: { $: 443, '@enabled': 'false' },
              },
              ...{ metadata: { weight: '3', zone: 'a' }, dataCenterInfo: { metadata: {} } },
            })),
          },
        ],
      },
    },
  },
  {
    ...{ name: 'consul', factory: consulSource, key: 'address' },
    answer: ['10.0.0.1', ''].map((Address) => ({
      Node: { Address: '10.9.9.9', Meta: { zone: 'a' } },
      Service: {
        ...{ ID: 'x', Address, Port: 80, Tags: ['t'], Meta: { k: 'v' } },
        Weights: { Passing: 1, Warning: 1 },
      },
      Checks: [{ Status: 'passing' }],
    })),
  },
  {
    ...{ name: 'nacos', factory: nacosSource, key: 'host' },
    answer: {
      reachProtectionThreshold: false,
      hosts: ['10.0.0.1', '10.0.0.2'].map((ip) => ({
        ...{ ip, port: 80, weight: 1.5, healthy: true, enabled: true },
        ...{ clusterName: 'DEFAULT', metadata: { zone: 'a' } },
      })),
    },
  },
  {
    ...{ name: 'kubernetes', factory: kubernetesSource, key: 'address' },
    answer: {
      metadata: { resourceVersion: '1' },
      items: [
        {
          metadata: { name: 's' },
          addressType: 'IPv4',
          ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
          endpoints: ['10.0.0.1', '10.0.0.2'].map((address) => ({
            ...{ addresses: [address], conditions: { ready: true }, zone: 'a', nodeName: 'n' },
            ...{ targetRef: { name: 'p' }, hints: { forZones: [{ name: 'a' }] } },
          })),
        },
      ],
    },
  },
]

describe('hostile registries', () => {
  for (const { name, factory, key, answer } of PROTOCOLS)
    it(`whatever stands at any place of ${name}'s answer, it becomes usable instances or a DiscoveryError`, async () => {
      let text = ''
      await using fake = await startFakeRegistry(({ reply }) => void reply.end(text))
      for (let at = 0; spoiled(answer, at, null) !== undefined; at++)
        for (const odd of ODD) {
          text = JSON.stringify(spoiled(answer, at, odd))
          // A source each: what an answer left behind is not what is tried here.
          const source = factory({ [key]: fake.url }, scope())
          await checked(source, text)
          await source.close?.()
        }
    })

  it('takes two instances of every answer as it should be', async () => {
    for (const { factory, key, answer } of PROTOCOLS) {
      await using fake = await startFakeRegistry(
        ({ reply }) => void reply.end(JSON.stringify(answer)),
      )
      const source = factory({ [key]: fake.url }, scope())
      const { instances } = await source.ask('orders', AbortSignal.timeout(5000))
      assert.equal(instances.length, 2)
      await source.close?.()
    }
  })

  it('reads hosts out of any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const { host, port, weight } of readHosts(text).instances) {
          assert.match(host, /^[\w.:-]+$/)
          assert.ok(port > 0 && port < 65_536 && weight >= 0)
        }
      }),
    )
  })

  it('shows no password of a URL that cannot be used', () => {
    const { unusable } = readHosts(
      '["http://me:pass-word@host/x", {"url": "http://me:pass-word@host"}]',
    )
    assert.equal(unusable.length, 2)
    assert.doesNotMatch(unusable.join(), /pass-word/)
  })
})

async function checked(source: Source, text: string): Promise<void> {
  try {
    const { instances } = await source.ask('orders', AbortSignal.timeout(5000))
    for (const { host, port, weight, metadata, zone } of instances) {
      assert.match(host, /^[\w.:-]+$/)
      assert.ok(Number.isInteger(port) && port > 0 && port < 65_536, `port ${port}`)
      assert.ok(weight >= 0 && Number.isFinite(weight), `weight ${weight}`)
      for (const one of [zone, ...Object.values(metadata)]) assert.equal(typeof one, 'string')
    }
  } catch (error) {
    if (!(error instanceof DiscoveryError)) throw new Error(`with ${text}`, { cause: error })
  }
}
