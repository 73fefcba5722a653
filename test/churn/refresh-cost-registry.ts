import { parentPort, workerData } from 'node:worker_threads'
import { DnsServer } from '../support/dns-server.ts'
import { consulEntry, startFakeConsul } from '../support/fake-consul.ts'
import { startFakeEtcd } from '../support/fake-etcd.ts'
import { startFakeEureka } from '../support/fake-eureka.ts'
import { slice, startFakeKubernetes } from '../support/fake-kubernetes.ts'
import { startFakeNacos } from '../support/fake-nacos.ts'
import { startFakeZooKeeper } from '../support/fake-zookeeper.ts'

// A thread of refresh-cost.ts: a registry with so many instances, which tells its address.
const { sd, count } = workerData as { sd: string; count: number }
/** As many as Kubernetes puts into one. */
const SLICE_SIZE = 100
const PORT = 8080
const hosts = Array.from({ length: count }, (_, at) => `10.0.${at >> 8}.${at & 255}`)
const places = hosts.map((host) => `${host}:${PORT}`)

const registries: Readonly<Record<string, () => Promise<string>>> = {
  async dns() {
    const data = { target: 'host.test', priority: 0, weight: 1 }
    const { address } = await DnsServer.start([
      ...hosts.map((_, at) => ({
        type: 'SRV' as const,
        name: 'orders',
        ttl: 5,
        data: { ...data, port: 1 + at },
      })),
      { type: 'A', name: 'host.test', ttl: 5, data: '127.0.0.1' },
    ])
    return address
  },
  async etcd() {
    const fake = await startFakeEtcd()
    for (const place of places) fake.put(`/orders/${place}`, `http://${place}`)
    return fake.url
  },
  async eureka() {
    const fake = await startFakeEureka()
    for (const host of hosts) fake.register({ app: 'ORDERS', id: host, ipAddr: host, port: PORT })
    return fake.url
  },
  async consul() {
    const fake = await startFakeConsul()
    fake.set(
      'orders',
      places.map((place) => consulEntry(place)),
    )
    return fake.url
  },
  async zookeeper() {
    const fake = await startFakeZooKeeper()
    for (const place of places) fake.put(`/services/orders/${place}`, '')
    return fake.address
  },
  async nacos() {
    const fake = await startFakeNacos()
    fake.set(
      'orders',
      hosts.map((ip) => ({ ip, port: PORT, weight: 1, healthy: true, enabled: true })),
    )
    return fake.url
  },
  async kubernetes() {
    const fake = await startFakeKubernetes()
    for (let at = 0; at < count; at += SLICE_SIZE)
      fake.put(`orders-${at}`, slice(places.slice(at, at + SLICE_SIZE)), 'orders')
    return fake.url
  },
}
parentPort?.postMessage(await registries[sd]?.())
