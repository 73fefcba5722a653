import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type DnsRecord, DnsServer } from '../../../../test/support/dns-server.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { DiscoveryError, type Found } from '../../discovery.ts'
import { snapshot } from '../../snapshot.ts'
import { dnsSource } from './dns-source.ts'

const NEVER = new AbortController().signal
const silent = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }

const open: DnsServer[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function start(records: readonly DnsRecord[], options: JsonObject) {
  const dns = await DnsServer.start(records)
  open.push(dns)
  let nowMs = 1_000_000
  const scope = {
    log: silent,
    now: () => nowMs,
    random: () => 0,
    dnsServers: [dns.address],
    secret() {},
  }
  const source = dnsSource({ timeout: '500ms', ...options }, scope)
  const ask = async (name: string) => source.ask(name, NEVER)
  return { dns, source, ask, pass: (ms: number) => (nowMs += ms) }
}

const ORDERS = 'orders.test.shop.local'
const srv = (target: string, priority = 1, weight = 1): DnsRecord => ({
  type: 'SRV',
  name: ORDERS,
  ttl: 10,
  data: { priority, weight, port: 9090, target },
})
const a = (name: string, data = '10.0.0.1'): DnsRecord => ({ type: 'A', name, ttl: 10, data })
const tasks = (from: number, to: number): DnsRecord[] =>
  Array.from({ length: to - from }, (_, at) => `task${from + at}.${ORDERS}`).flatMap((name) => [
    srv(name),
    a(name),
  ])
const numbers = (found: readonly Found[]) =>
  found.map(({ host }) => Number(/^task(\d+)/.exec(host)?.[1])).toSorted((x, y) => x - y)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

describe('TTL mode', () => {
  it('tells within which bounds TTLs count, and nothing unless asked to', async () => {
    const { source, ask } = await start(tasks(0, 1), { mode: 'ttl', min_ttl: '2s', max_ttl: '1m' })
    assert.deepEqual(source.ttl, { floorMs: 2000, ceilingMs: 60_000 })
    assert.equal((await ask(ORDERS)).ttlMs, 10_000)
    assert.equal((await start([], {})).source.ttl, undefined)
    assert.equal((await start([], { interval: '5s' })).source.periodMs, 5000)
  })

  for (const [what, type] of Object.entries({ 'SRV records': '', addresses: ':80' })) {
    it(`knows how long there are no ${what}, capped`, async () => {
      const { dns, ask } = await start([], { mode: 'ttl' })
      const soa = (minimum: number, ttl: number): DnsRecord => ({
        type: 'SOA',
        name: 'shop.local',
        ttl,
        data: {
          mname: 'ns.shop.local',
          rname: 'admin.shop.local',
          serial: 1,
          refresh: 1,
          retry: 1,
          expire: 1,
          minimum,
        },
      })
      const ttlOf = async (record: DnsRecord) => {
        dns.soa = record
        const error = await ask(`${ORDERS}${type}`).catch((thrown: unknown) => thrown)
        assert.ok(error instanceof DiscoveryError && error.failure === 'not-found')
        return error.ttlMs
      }
      assert.equal(await ttlOf(soa(5, 900)), 5000)
      assert.equal(await ttlOf(soa(900, 3)), 3000)
      assert.equal(await ttlOf(soa(86_400, 86_400)), 30_000)
    })
  }
})

describe('tiers', () => {
  const zone = [
    srv('spare.local', 20),
    srv('one.local', 10, 1),
    srv('two.local', 10, 2),
    ...['one', 'two', 'spare'].map((name) => a(`${name}.local`)),
  ]
  const listed = (found: readonly Found[]) =>
    snapshot({ name: 'x', version: 1, scheme: 'http', found })

  it('keep hosts of further priorities, which serve later', async () => {
    const { ask } = await start(zone, { tiers: true })
    const { instances, notes } = await ask(ORDERS)
    assert.deepEqual(
      instances.map(({ host, tier }) => [host, tier]),
      [
        ['two.local', 10],
        ['one.local', 10],
        ['spare.local', 20],
      ],
    )
    const { slots, tiers } = listed(instances)
    assert.deepEqual([slots.toSorted(), tiers], [[0, 0, 1], [[2]]])
    assert.equal(
      notes.some((note) => note.includes('dropped')),
      false,
    )
  })

  it('are dropped without the option, as KrakenD does', async () => {
    const { ask } = await start(zone, {})
    const { instances } = await ask(ORDERS)
    assert.equal(instances.length, 2)
    assert.equal(listed(instances).tiers, undefined)
  })
})

describe('samples', () => {
  const options = { sample_size: 8, sample_window: '1m' }

  it('join to a whole, and age instance by instance', async () => {
    const { dns, ask, pass } = await start(tasks(0, 8), options)
    assert.deepEqual(numbers((await ask(ORDERS)).instances), range(0, 8))
    pass(10_000)
    dns.records = tasks(6, 14)
    const { instances, notes } = await ask(ORDERS)
    assert.deepEqual(numbers(instances), range(0, 14))
    assert.ok(notes.includes('a sample: 8 records, 14 instances known'))
    pass(55_000)
    assert.deepEqual(numbers((await ask(ORDERS)).instances), range(6, 14))
  })

  it('end with an answer that is not full: that one shows all there are', async () => {
    const { dns, ask } = await start(tasks(0, 8), options)
    await ask(ORDERS)
    dns.records = tasks(2, 5)
    assert.deepEqual(numbers((await ask(ORDERS)).instances), range(2, 5))
    dns.records = tasks(10, 18)
    assert.deepEqual(numbers((await ask(ORDERS)).instances), [...range(2, 5), ...range(10, 18)])
  })

  it('are whole answers unless the option is there', async () => {
    const { dns, ask } = await start(tasks(0, 8), {})
    await ask(ORDERS)
    dns.records = tasks(6, 14)
    assert.deepEqual(numbers((await ask(ORDERS)).instances), range(6, 14))
  })
})

describe('options of DNS', () => {
  it('search where they say', async () => {
    const { ask, dns } = await start(tasks(0, 1), { search: ['test.shop.local'], ndots: 2 })
    assert.equal((await ask('orders')).instances.length, 1)
    assert.equal(dns.asked[0]?.name, ORDERS)
  })

  for (const [key, written] of Object.entries({
    mode: 'push',
    min_ttl: 'soon',
    max_ttl: '-1s',
    tiers: 'yes',
    sample_size: 0,
    sample_window: 'x',
    ndots: -1,
  })) {
    it(`name ${key} when that cannot be used`, async () => {
      await assert.rejects(
        start([], { [key]: written }),
        new RegExp(`discovery/dns"\\.${key}: cannot be used`),
      )
    })
  }

  it('refuse bounds the wrong way round', async () => {
    await assert.rejects(start([], { min_ttl: '1m', max_ttl: '1s' }), /max_ttl.*at least min_ttl/)
  })
})
