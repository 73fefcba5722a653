import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { type Answer, DiscoveryError, type Found, type Source } from './discovery.ts'
import { DiscoveryHub } from './hub.ts'
import { Registries } from './registries.ts'
import { ThreadDiscovery } from './thread-discovery.ts'

const ORDERS = { sd: 'fake', registry: '', service: 'orders', scheme: 'http' } as const

const hosts = (...names: readonly string[]): Found[] =>
  names.map((host) => ({
    host,
    port: 80,
    addresses: [`10.0.0.${host.length}`],
    basePath: '',
    weight: 1,
    zone: '',
    metadata: {},
  }))
const answer = (...names: readonly string[]): Answer => ({ instances: hosts(...names), notes: [] })

/** A registry whose look-ups wait until the test ends them. */
class FakeRegistry implements Source {
  readonly open: { service: string; end: PromiseWithResolvers<Answer>; signal: AbortSignal }[] = []
  asked = 0
  closed = 0

  ask(service: string, signal: AbortSignal): Promise<Answer> {
    this.asked++
    const end = Promise.withResolvers<Answer>()
    this.open.push({ service, end, signal })
    return end.promise
  }
  close(): void {
    this.closed++
  }
  /** Ends the oldest look-up. */
  async reply(with_: Answer | Error): Promise<void> {
    const { end } = this.open.shift() ?? assert.fail('nobody asked')
    if (with_ instanceof Error) end.reject(with_)
    else end.resolve(with_)
    await settled()
  }
}

/** Messages between ports take turns of the event loop. */
async function settled(): Promise<void> {
  for (let count = 0; count < 10; count++) await turn()
}

type Pending = { readonly atMs: number; readonly run: () => void }

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A hub over a fake registry, with a clock that only the test moves. */
function start() {
  const registry = new FakeRegistry()
  const timers = new Set<Pending>()
  const counted = new Map<string, number>()
  const lines: string[] = []
  let nowMs = 1_000_000
  const line = (...words: readonly unknown[]) => void lines.push(words.join(' '))
  const log = { debug: line, info: line, warning: line, error: line, critical: line }
  const cell = (name: string, labels: object = {}) => {
    const key = `${name}${JSON.stringify(labels)}`
    const add = (amount: number) => counted.set(key, (counted.get(key) ?? 0) + amount)
    return { add, set: (value: number) => counted.set(key, value), observe: () => {} }
  }
  const meters = {
    counter: cell,
    gauge: cell,
    histogram: cell,
    remove: (name: string, labels: object) => counted.delete(`${name}${JSON.stringify(labels)}`),
  }
  const scope = { log, now: () => nowMs, random: () => 0.5, dnsServers: [], secret: () => {} }
  const timer = (delayMs: number, run: () => void) => {
    const pending = { atMs: nowMs + delayMs, run }
    timers.add(pending)
    return () => timers.delete(pending)
  }
  const registries = new Registries({ fake: () => registry }, {}, scope)
  const hub = new DiscoveryHub({ ...scope, registries, periodMs: 30_000, meters, timer })
  closing.push(() => hub.close())

  const pass = async (ms: number) => {
    nowMs += ms
    const due = [...timers].filter((pending) => pending.atMs <= nowMs)
    for (const pending of due) {
      timers.delete(pending)
      pending.run()
    }
    await settled()
  }
  const thread = () => {
    const { port1, port2 } = new MessageChannel()
    const disconnect = hub.connect(port1)
    const discovery = new ThreadDiscovery(port2)
    closing.push(() => port1.close())
    return { discovery, disconnect }
  }
  return { hub, registry, scope, counted, lines, pass, thread }
}

describe('the discovery hub', () => {
  it('asks once for a name that several backends of several threads want', async () => {
    const { registry, thread } = start()
    const lists = [thread(), thread()].flatMap(({ discovery }) => [
      discovery.subscribe(ORDERS),
      discovery.subscribe({ ...ORDERS, scheme: 'https' }),
    ])
    const first = lists.map((list) => list.first())
    await settled()
    assert.equal(registry.asked, 1)
    await registry.reply(answer('one', 'three'))
    assert.deepEqual(
      (await Promise.all(first)).map(({ urls }) => urls[0]),
      ['http://one:80', 'https://one:80', 'http://one:80', 'https://one:80'],
    )
  })

  it('asks again after the period, and replaces the list', async () => {
    const { registry, pass, thread, counted } = start()
    const list = thread().discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer('one'))
    await pass(29_999)
    assert.equal(registry.asked, 1)
    await pass(1)
    assert.equal(registry.asked, 2)
    await registry.reply(answer('two', 'three'))
    assert.deepEqual(list.current?.urls, ['http://two:80', 'http://three:80'])
    assert.equal(list.current?.version, 2)
    assert.equal(counted.get('gateway_discovery_changes_total{"name":"orders"}'), 2)
  })

  it('posts nothing while the list stays the same', async () => {
    const { registry, pass, thread } = start()
    const list = thread().discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer('one', 'two'))
    const before = list.current
    await pass(30_000)
    await registry.reply(answer('two', 'one'))
    assert.equal(list.current, before)
  })

  for (const [what, outcome] of Object.entries({
    'a failed look-up': new DiscoveryError('unreachable', 'nobody there'),
    'an error of the source itself': new TypeError('oops'),
    'an empty answer': answer(),
    'a name that does not exist': new DiscoveryError('not-found', 'no such name'),
  })) {
    it(`keeps the last list after ${what}, and recovers by itself`, async () => {
      const { registry, pass, thread, lines, hub } = start()
      const list = thread().discovery.subscribe(ORDERS)
      await settled()
      await registry.reply(answer('one'))
      await pass(30_000)
      await registry.reply(outcome)
      assert.deepEqual(list.current?.urls, ['http://one:80'])
      assert.match(lines.join('\n'), /the last 1 hosts stay/)
      assert.equal(hub.lists()[0]?.state.failures, 1)
      await pass(500)
      await registry.reply(answer('two'))
      assert.deepEqual(list.current?.urls, ['http://two:80'])
      assert.equal(hub.lists()[0]?.state.failures, 0)
    })
  }

  it('adds but never removes after a partial answer', async () => {
    const { registry, pass, thread } = start()
    const list = thread().discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer('one', 'two'))
    await pass(30_000)
    await registry.reply({ ...answer('three'), isPartial: true })
    assert.deepEqual(list.current?.urls.toSorted(), [
      'http://one:80',
      'http://three:80',
      'http://two:80',
    ])
  })

  it('serves nobody when the service is withdrawn', async () => {
    const { registry, pass, thread } = start()
    const list = thread().discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer('one'))
    await pass(30_000)
    await registry.reply({ ...answer(), isWithdrawn: true })
    assert.deepEqual(list.current?.urls, [])
    assert.equal(list.current?.isWithdrawn, true)
  })

  it('backs off while look-ups fail, up to the period', async () => {
    const { registry, pass, thread } = start()
    thread().discovery.subscribe(ORDERS)
    await settled()
    for (const delayMs of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      await registry.reply(new DiscoveryError('unreachable', 'nobody there'))
      const { asked } = registry
      await pass(delayMs - 1)
      assert.equal(registry.asked, asked, `asked before ${delayMs} ms`)
      await pass(1)
      assert.equal(registry.asked, asked + 1, `not asked after ${delayMs} ms`)
    }
  })

  it('lets requests wait for the look-up in flight only', async () => {
    const { registry, pass, thread } = start()
    const { discovery } = thread()
    const list = discovery.subscribe(ORDERS)
    const notReady = { code: 'discovery-not-ready', status: 503, message: /orders: nobody there/ }
    const waiting = assert.rejects(list.first(), notReady)
    await settled()
    await registry.reply(new DiscoveryError('unreachable', 'nobody there'))
    await waiting
    await assert.rejects(list.first(), notReady)
    await pass(500)
    const again = list.first()
    await registry.reply(answer('one'))
    assert.deepEqual((await again).urls, ['http://one:80'])
  })

  it('tells a thread that comes later how things stand', async () => {
    const { registry, thread } = start()
    thread().discovery.subscribe(ORDERS)
    thread().discovery.subscribe({ ...ORDERS, service: 'users' })
    await settled()
    await registry.reply(answer('one'))
    await registry.reply(new DiscoveryError('unreachable', 'nobody there'))
    const { discovery } = thread()
    const orders = discovery.subscribe(ORDERS)
    const users = discovery.subscribe({ ...ORDERS, service: 'users' })
    await settled()
    assert.deepEqual(orders.current?.urls, ['http://one:80'])
    await assert.rejects(users.first(), { code: 'discovery-not-ready' })
    assert.equal(registry.asked, 2)
  })

  it('lets a failing name touch no other', async () => {
    const { registry, thread } = start()
    const { discovery } = thread()
    const orders = discovery.subscribe(ORDERS)
    const odd = discovery.subscribe({ ...ORDERS, sd: 'nonsense' })
    const waiting = assert.rejects(odd.first(), /unknown service discovery/)
    await settled()
    await registry.reply(answer('one'))
    assert.deepEqual(orders.current?.urls, ['http://one:80'])
    await waiting
  })

  it('gives up a look-up that takes too long', async () => {
    const { registry, pass, thread, hub } = start()
    thread().discovery.subscribe(ORDERS)
    await settled()
    await pass(30_000)
    assert.equal(registry.open[0]?.signal.aborted, true)
    assert.equal(hub.lists()[0]?.state.lastError?.result, 'unreachable')
    await pass(500)
    assert.equal(registry.asked, 2)
  })

  it('stops asking when the last thread lets go', async () => {
    const { registry, pass, thread, hub, counted } = start()
    const [one, other] = [thread(), thread()]
    const list = one.discovery.subscribe(ORDERS)
    const same = one.discovery.subscribe(ORDERS)
    other.discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer('one'))
    list.close()
    list.close()
    other.disconnect()
    await settled()
    assert.equal(hub.lists().length, 1)
    same.close()
    await settled()
    assert.equal(hub.lists().length, 0)
    assert.equal(counted.has('gateway_discovery_hosts{"name":"orders","state":"up"}'), false)
    await pass(60_000)
    assert.equal(registry.asked, 1)
    assert.deepEqual(list.current?.urls, ['http://one:80'])
  })

  it('shuts down in the middle of a look-up', async () => {
    const { registry, pass, thread, hub } = start()
    const { discovery } = thread()
    const list = discovery.subscribe(ORDERS)
    const waiting = list.first()
    await settled()
    discovery.close()
    await assert.rejects(waiting, { code: 'discovery-not-ready' })
    await hub.close()
    assert.equal(registry.open[0]?.signal.aborted, true)
    assert.equal(registry.closed, 1)
    await registry.reply(answer('one'))
    await pass(60_000)
    assert.equal(registry.asked, 1)
  })

  it('goes on with a changed registry, and keeps the list until that answers', async () => {
    const { hub, registry, scope, thread } = start()
    const list = thread().discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer('one'))
    const next = new FakeRegistry()
    const changed = { 'discovery/fake': { address: 'elsewhere' } }
    const registries = new Registries({ fake: () => next }, changed, scope)
    hub.reconfigure({ registries, periodMs: 30_000 })
    await settled()
    assert.equal(registry.closed, 1)
    assert.deepEqual(list.current?.urls, ['http://one:80'])
    await next.reply(answer('two'))
    assert.deepEqual(list.current?.urls, ['http://two:80'])
  })

  it('asks again when the TTL of an answer is over, or that of its absence', async () => {
    const { hub, scope, pass, thread } = start()
    const next = Object.assign(new FakeRegistry(), { ttl: { floorMs: 1000, ceilingMs: 60_000 } })
    hub.reconfigure({
      registries: new Registries({ fake: () => next }, {}, scope),
      periodMs: 30_000,
    })
    thread().discovery.subscribe(ORDERS)
    await settled()
    // The clock's random is 0.5: half of a tenth early.
    for (const [told, delayMs] of [
      [{ ...answer('one'), ttlMs: 10_000 }, 9500],
      [{ ...answer('one'), ttlMs: 0 }, 1000],
      [new DiscoveryError('not-found', 'none', undefined, 5000), 4750],
      [new DiscoveryError('unreachable', 'nobody there'), 1000],
    ] as const) {
      await next.reply(told)
      const { asked } = next
      await pass(delayMs - 1)
      assert.equal(next.asked, asked, `asked before ${delayMs} ms`)
      await pass(1)
      assert.equal(next.asked, asked + 1, `not asked after ${delayMs} ms`)
    }
  })

  it('names few hosts of a large change in the log', async () => {
    const { registry, thread, lines } = start()
    thread().discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer(...Array.from({ length: 500 }, (_, at) => `host${at}`)))
    const line = lines.find((one) => one.includes('added')) ?? ''
    assert.match(line, /host9:80 and 490 more; now 500 hosts/)
    assert.ok(line.length < 300)
  })

  it('listens to a registry that tells of changes itself', async () => {
    const { hub, scope, thread } = start()
    let tell: (answer: Answer) => void = () => assert.fail('nobody watches')
    const watched: Source = {
      ask: async () => assert.fail('asked'),
      watch: async (_service, told, signal) => {
        tell = told
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    }
    const registries = new Registries({ fake: () => watched }, {}, scope)
    hub.reconfigure({ registries, periodMs: 30_000 })
    const list = thread().discovery.subscribe(ORDERS)
    await settled()
    tell(answer('one'))
    tell(answer('one', 'two'))
    await settled()
    assert.deepEqual(list.current?.urls, ['http://one:80', 'http://two:80'])
  })
})

describe('what the client of a thread knows', () => {
  it('keeps written hosts until the last backend that names them is closed', () => {
    const { discovery } = start().thread()
    const unused: string[] = []
    discovery.addresses.whenUnused((origin) => unused.push(origin))
    const [one, other] = ['GET /a', 'GET /b'].map((name) =>
      discovery.fixed(name, ['http://one:80']),
    )
    assert.deepEqual([one?.name, other?.name], ['GET /a', 'GET /b'])
    one?.close()
    assert.deepEqual(unused, [])
    other?.close()
    assert.deepEqual(unused, ['http://one:80'])
  })

  it('has the addresses of the hosts in use, and tells which origins are done with', async () => {
    const { registry, pass, thread } = start()
    const { discovery } = thread()
    const unused: string[] = []
    discovery.addresses.whenUnused((origin) => unused.push(origin))
    const fixed = discovery.fixed('fixed', ['http://one:80', 'http://Plain/v2'])
    const list = discovery.subscribe(ORDERS)
    await settled()
    await registry.reply(answer('one', 'three'))
    assert.deepEqual(discovery.addresses.addressesOf('THREE', 'http://three:80'), ['10.0.0.5'])
    await pass(30_000)
    await registry.reply(answer('seven'))
    assert.deepEqual(unused, ['http://three:80'])
    assert.equal(discovery.addresses.addressesOf('three', 'http://three:80'), undefined)
    list.close()
    fixed.close()
    assert.deepEqual(unused, [
      'http://three:80',
      'http://seven:80',
      'http://one:80',
      'http://Plain',
    ])
  })

  it('leads each instance behind one name to its own address', async () => {
    const { registry, thread } = start()
    const { discovery } = thread()
    const list = discovery.subscribe(ORDERS)
    await settled()
    const instances = ['10.0.0.1', 'fd00::2'].flatMap((address) =>
      hosts('orders').map((one) => ({ ...one, isPinned: true, addresses: [address] })),
    )
    await registry.reply({ instances, notes: [] })
    const urls = list.current?.urls ?? []
    assert.deepEqual(urls, ['http://|10.0.0.1@orders:80', 'http://|fd00--2@orders:80'])
    assert.deepEqual(
      urls.map((url) => discovery.addresses.addressesOf('orders', url)),
      [['10.0.0.1'], ['fd00::2']],
    )
    list.close()
    assert.equal(discovery.addresses.addressesOf('orders', urls[0] ?? ''), undefined)
  })
})
