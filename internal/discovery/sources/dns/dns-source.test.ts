import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { type DnsRecord, DnsServer } from '../../../../test/support/dns-server.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { Source } from '../../discovery.ts'
import { dnsSource } from './dns-source.ts'

const silent = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }
const scope = { log: silent, now: Date.now, random: Math.random, dnsServers: [], secret() {} }
const NEVER = new AbortController().signal

const srv = (name: string, data: readonly [number, number, number, string]): DnsRecord => {
  const [priority, weight, port, target] = data
  return { type: 'SRV', name, ttl: 60, data: { priority, weight, port, target } }
}
const a = (name: string, data: string): DnsRecord => ({ type: 'A', name, ttl: 30, data })
const aaaa = (name: string, data: string): DnsRecord => ({ type: 'AAAA', name, ttl: 20, data })
const cname = (name: string, data: string): DnsRecord => ({ type: 'CNAME', name, ttl: 10, data })

const ORDERS = '_orders._tcp.shop.test'
const ZONE = [
  srv(ORDERS, [10, 1, 8001, 'one.shop.test']),
  srv(ORDERS, [10, 2, 8002, 'two.shop.test']),
  srv(ORDERS, [20, 1, 8003, 'three.shop.test']),
  a('one.shop.test', '127.0.0.1'),
  a('two.shop.test', '127.0.0.2'),
  aaaa('two.shop.test', '::1'),
]

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function server(records: readonly DnsRecord[] = ZONE): Promise<DnsServer> {
  const started = await DnsServer.start(records)
  open.push(started)
  return started
}

const source = (servers: readonly DnsServer[], more: JsonObject = {}): Source =>
  dnsSource({ servers: servers.map((one) => one.address), timeout: '150ms', ...more }, scope)

describe('the DNS source', () => {
  it('serves the lowest priority with the addresses of the additional section', async () => {
    const dns = await server()
    const answer = await source([dns]).ask(ORDERS, NEVER)
    assert.deepEqual(
      answer.instances.map(({ host, port, weight, addresses }) => ({
        host,
        port,
        weight,
        addresses,
      })),
      [
        { host: 'two.shop.test', port: 8002, weight: 2, addresses: ['127.0.0.2', '::1'] },
        { host: 'one.shop.test', port: 8001, weight: 1, addresses: ['127.0.0.1'] },
      ],
    )
    assert.equal(answer.ttlMs, 20_000)
    assert.ok(
      answer.notes.includes('20 1 8003 three.shop.test: dropped, priority 20 is not the lowest'),
    )
    assert.deepEqual(
      dns.asked.map(({ type, hasEdns }) => [type, hasEdns]),
      [['SRV', true]],
    )
  })

  it('asks for SRV records of bare names too, whatever their case and final dot', async () => {
    const dns = await server([
      srv('app2.test.shop.local', [1, 1, 9090, 'a.app2.test.shop.local']),
      a('a.app2.test.shop.local', '10.0.0.7'),
    ])
    for (const name of ['app2.test.shop.local', 'App2.test.Shop.local.']) {
      const { instances } = await source([dns]).ask(name, NEVER)
      assert.deepEqual(
        instances.map(({ host }) => host),
        ['a.app2.test.shop.local'],
      )
    }
  })

  it('takes every address of a name with a port as an instance', async () => {
    const dns = await server([
      a('app2.local', '10.0.0.2'),
      a('app2.local', '10.0.0.1'),
      aaaa('app2.local', 'fd00::1'),
    ])
    const { instances } = await source([dns]).ask('app2.local:9090', NEVER)
    assert.deepEqual(
      instances.map(({ port, addresses }) => [...addresses, port]),
      [
        ['10.0.0.1', 9090],
        ['10.0.0.2', 9090],
        ['fd00::1', 9090],
      ],
    )
  })

  it('takes an address with a port as it is', async () => {
    const { instances } = await source([await server([])]).ask('[::1]:8080', NEVER)
    assert.deepEqual(
      instances.map(({ host, port }) => [host, port]),
      [['::1', 8080]],
    )
  })

  it('looks up the addresses that the additional section leaves out', async () => {
    const dns = await server([
      srv(ORDERS, [1, 1, 80, 'alias.shop.test']),
      cname('alias.shop.test', 'real.shop.test'),
      a('real.shop.test', '10.1.1.1'),
    ])
    const { instances, notes } = await source([dns]).ask(ORDERS, NEVER)
    assert.deepEqual(
      instances.map(({ host, addresses }) => [host, addresses]),
      [['alias.shop.test', ['10.1.1.1']]],
    )
    assert.match(notes.join('\n'), /an alias of real\.shop\.test, against RFC 2782/)
  })

  it('follows an alias of the service itself', async () => {
    const dns = await server([cname('orders.test', ORDERS), ...ZONE])
    const { instances } = await source([dns]).ask('orders.test', NEVER)
    assert.equal(instances.length, 2)
  })

  it('says that a service is withdrawn when its only target is "."', async () => {
    const dns = await server([srv(ORDERS, [0, 0, 0, '.'])])
    const answer = await source([dns]).ask(ORDERS, NEVER)
    assert.equal(answer.isWithdrawn, true)
    assert.deepEqual(answer.instances, [])
  })

  it('drops a record with no usable target, and serves the others', async () => {
    const dns = await server([
      ...ZONE,
      srv(ORDERS, [10, 1, 0, 'one.shop.test']),
      srv(ORDERS, [10, 1, 80, 'one/../etc.shop.test']),
      srv(ORDERS, [10, 1, 80, 'gone.shop.test']),
      srv(ORDERS, [5, 1, 80, '.']),
    ])
    const answer = await source([dns]).ask(ORDERS, NEVER)
    assert.deepEqual(
      answer.instances.map(({ host }) => host),
      ['two.shop.test', 'one.shop.test'],
    )
    assert.equal(answer.isPartial, false)
    assert.match(
      answer.notes.join('\n'),
      /gone\.shop\.test: dropped, gone\.shop\.test has no address/,
    )
  })

  it('calls an answer partial when a target cannot be asked for', async () => {
    const dns = await server([...ZONE, srv(ORDERS, [10, 1, 80, 'dark.shop.test'])])
    dns.script = ({ name }) => (name === 'dark.shop.test' ? { kind: 'rcode', rcode: 2 } : undefined)
    const answer = await source([dns]).ask(ORDERS, NEVER)
    assert.equal(answer.isPartial, true)
    assert.equal(answer.instances.length, 2)
  })

  it('tells a name that does not exist from a server that cannot be reached', async () => {
    const dns = await server([a('bare.test', '10.0.0.1')])
    await assert.rejects(source([dns]).ask('nobody.test', NEVER), { failure: 'not-found' })
    await assert.rejects(source([dns]).ask('bare.test', NEVER), { failure: 'not-found' })
    await assert.rejects(source([dns]).ask('a b', NEVER), { failure: 'not-found' })
    dns.script = () => ({ kind: 'silence' })
    await assert.rejects(source([dns]).ask(ORDERS, NEVER), { failure: 'unreachable' })
  })
})

describe('the DNS source with bad servers', () => {
  const faults = {
    'stays silent': { kind: 'silence' },
    'has failed': { kind: 'rcode', rcode: 2 },
    refuses: { kind: 'rcode', rcode: 5 },
    'answers with another id': { kind: 'wrong-id' },
    'answers another question': { kind: 'wrong-question' },
    'sends too few bytes': { kind: 'bytes', bytes: Buffer.alloc(13, 0x80) },
    'sends a compression loop': {
      kind: 'bytes',
      bytes: Buffer.from([0, 0, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 33, 0, 1]),
    },
    'counts records that are not there': {
      kind: 'bytes',
      bytes: Buffer.from([0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    },
    'sends 60 KB of noise': { kind: 'bytes', bytes: Buffer.alloc(60_000, 0xa5) },
  } as const

  for (const [name, fault] of Object.entries(faults)) {
    it(`asks the next server when the first ${name}`, async () => {
      const [bad, good] = [await server(), await server()]
      bad.script = () => fault
      const { instances } = await source([bad, good]).ask(ORDERS, NEVER)
      assert.equal(instances.length, 2)
      assert.equal(good.asked.length, 1)
    })

    it(`fails without a crash when the only server ${name}`, async () => {
      const bad = await server()
      bad.script = () => fault
      await assert.rejects(source([bad]).ask(ORDERS, NEVER), { name: 'DiscoveryError' })
    })
  }

  it('asks the next server when nothing listens at the first', async () => {
    const [gone, good] = [await DnsServer.start([]), await server()]
    const asked = source([gone, good])
    await gone.close()
    const { instances } = await asked.ask(ORDERS, NEVER)
    assert.equal(instances.length, 2)
  })

  it('asks a silent server once more before it gives up', async () => {
    const dns = await server()
    dns.script = () => (dns.asked.length === 1 ? { kind: 'silence' } : undefined)
    const { instances } = await source([dns]).ask(ORDERS, NEVER)
    assert.equal(instances.length, 2)
  })

  it('asks a server that did not answer last for a while', async () => {
    let nowMs = 0
    const [dead, good] = [await server(), await server()]
    dead.script = () => ({ kind: 'silence' })
    const servers = [dead.address, good.address]
    const both = dnsSource({ servers, timeout: '50ms' }, { ...scope, now: () => nowMs })
    await both.ask(ORDERS, NEVER)
    await both.ask(ORDERS, NEVER)
    assert.deepEqual([dead.asked.length, good.asked.length], [1, 2])
    nowMs = 30_000
    await both.ask(ORDERS, NEVER)
    assert.deepEqual([dead.asked.length, good.asked.length], [2, 3])
  })

  it('asks once for a host that several records name', async () => {
    const dns = await server([
      srv(ORDERS, [1, 1, 8001, 'alias.shop.test']),
      srv(ORDERS, [1, 1, 8002, 'alias.shop.test']),
      cname('alias.shop.test', 'real.shop.test'),
      a('real.shop.test', '10.1.1.1'),
    ])
    assert.equal((await source([dns]).ask(ORDERS, NEVER)).instances.length, 2)
    assert.equal(dns.asked.filter(({ name }) => name === 'alias.shop.test').length, 2)
  })

  it('repeats a cut-off answer over TCP', async () => {
    const dns = await server()
    dns.script = (_question, transport) => (transport === 'udp' ? { kind: 'truncate' } : undefined)
    const { instances } = await source([dns]).ask(ORDERS, NEVER)
    assert.equal(instances.length, 2)
    assert.deepEqual(
      dns.asked.map(({ transport }) => transport),
      ['udp', 'tcp'],
    )
  })

  it('reads an answer of 500 records over TCP', async () => {
    const many = Array.from({ length: 500 }, (_, at) => [
      srv(ORDERS, [1, 1, 8000, `n${at}.shop.test`]),
      a(`n${at}.shop.test`, `10.0.${at >> 8}.${at & 255}`),
    ])
    const dns = await server(many.flat())
    dns.script = (_question, transport) => (transport === 'udp' ? { kind: 'truncate' } : undefined)
    const { instances } = await source([dns], { timeout: '5s' }).ask(ORDERS, NEVER)
    assert.equal(instances.length, 500)
  })

  it('gives up on a server that drips, closes or sends noise over TCP', async () => {
    const dns = await server()
    const noise = { kind: 'bytes', bytes: Buffer.alloc(300, 0xa5) } as const
    for (const fault of [
      { kind: 'drip' },
      { kind: 'close' },
      noise,
      { kind: 'wrong-id' },
    ] as const) {
      dns.script = (_question, transport) => (transport === 'udp' ? { kind: 'truncate' } : fault)
      await assert.rejects(source([dns]).ask(ORDERS, NEVER), { name: 'DiscoveryError' })
    }
  })

  it('asks without EDNS0 where a server does not know it', async () => {
    const dns = await server()
    dns.script = () => ({ kind: 'no-edns' })
    const { instances } = await source([dns]).ask(ORDERS, NEVER)
    assert.equal(instances.length, 2)
    assert.deepEqual(
      dns.asked.map(({ hasEdns }) => hasEdns),
      [true, false],
    )
  })

  it('never uses one source port for all questions', async () => {
    const dns = await server()
    for (let asked = 0; asked < 4; asked++) await source([dns]).ask(ORDERS, NEVER)
    assert.ok(new Set(dns.asked.map(({ port }) => port)).size > 1)
  })

  it('stops at once when it is told to', async () => {
    const dns = await server()
    dns.script = () => ({ kind: 'silence' })
    const stop = new AbortController()
    const asking = source([dns], { timeout: '30s' }).ask(ORDERS, stop.signal)
    await dns.whenAsked(1)
    stop.abort(new Error('shutting down'))
    await assert.rejects(asking, { message: 'shutting down' })
  })

  it('does not wait for a server that accepts connections and says nothing', async () => {
    const deaf = createServer((socket) => socket.resume())
    deaf.listen(0, '127.0.0.1')
    await once(deaf, 'listening')
    open.push(deaf)
    const dns = await server()
    dns.script = (_question, transport) =>
      transport === 'udp' ? { kind: 'truncate' } : { kind: 'silence' }
    await assert.rejects(source([dns]).ask(ORDERS, NEVER), { failure: 'unreachable' })
  })
})

describe('options of the DNS source', () => {
  it('refuses servers and time-outs that cannot work', () => {
    for (const options of [
      { servers: ['dns.example:53'] },
      { servers: '127.0.0.1' },
      { servers: ['127.0.0.1:0'] },
      { timeout: '0s' },
      { timeout: 'soon' },
      { timeout: 5 },
    ])
      assert.throws(() => dnsSource(options, scope), { name: 'ConfigError' })
  })

  it('takes the name servers of the process when it has none of its own', async () => {
    const dns = await server()
    const fromProcess = dnsSource({}, { ...scope, dnsServers: [dns.address] })
    assert.equal((await fromProcess.ask(ORDERS, NEVER)).instances.length, 2)
  })
})
