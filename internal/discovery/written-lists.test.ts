import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { handClock } from '../../test/support/hand-clock.ts'
import { explain } from './explain.ts'
import { DiscoveryHub } from './hub.ts'
import { Registries } from './registries.ts'
import { ThreadDiscovery } from './thread-discovery.ts'
import { isWatched, wantedBy } from './wanted.ts'

const silent = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const backend = (health?: object) => ({
  sd: 'static',
  sdScheme: 'http' as const,
  hosts: ['http://shop:s3cret@one:80', 'https://two/v2'],
  extraConfig: health === undefined ? {} : { 'backend/discovery': { health } as never },
})
const ACTIVE = { active: { path: '/ping', interval: '1s' } }

function start() {
  const clock = handClock()
  const ill = new Set<string>()
  const asked: string[] = []
  const gauges = new Map<string, number>()
  const cell = (_name: string, labels: object = {}) => ({
    add() {},
    set: (value: number) => gauges.set((labels as { state?: string }).state ?? '', value),
    observe() {},
  })
  const meters = { counter: cell, gauge: cell, histogram: cell, remove() {} }
  const scope = {
    log: silent,
    now: clock.now,
    random: () => 0.5,
    dnsServers: [],
    secret() {},
  }
  const hub = new DiscoveryHub({
    ...scope,
    registries: new Registries({}, {}, scope),
    periodMs: 30_000,
    meters,
    timer: clock.timer,
    checker: {
      call: async ({ scheme, host }, path) => {
        asked.push(`${scheme}://${host}${path}`)
        return ill.has(host) ? 'GET /ping answered 500' : undefined
      },
      close: async () => undefined,
    },
  })
  closing.push(() => hub.close())
  const thread = () => {
    const { port1, port2 } = new MessageChannel()
    hub.connect(port1)
    closing.push(() => port1.close())
    return new ThreadDiscovery(port2)
  }
  const settled = async () => {
    for (let count = 0; count < 10; count++) await turn()
  }
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1000) {
      clock.pass(Math.min(1000, ms - passed))
      await settled()
    }
  }
  const shown = () => {
    const { subscriptions } = explain(hub, { endpoints: [] } as never, clock.now())
    return subscriptions
  }
  return { hub, thread, ill, asked, gauges, settled, pass, shown }
}

describe('hosts that are written in the configuration', () => {
  it('are watched where the backend says something of their health, and nowhere else', () => {
    assert.equal(isWatched(backend()), false)
    assert.equal(isWatched(backend({})), true)
    assert.equal(isWatched({ ...backend(), sd: 'dns' }), true)
  })

  it('are there before anybody answers', () => {
    const { thread } = start()
    const list = thread().subscribe(wantedBy(backend(ACTIVE)))
    assert.deepEqual(list.current?.urls, backend().hosts)
    assert.equal(list.name, 'http://one:80 https://two/v2')
  })

  it('are asked once for all threads, and leave every thread’s list while they are ill', async () => {
    const { thread, ill, asked, gauges, settled, pass, shown } = start()
    const lists = [thread(), thread()].map((one) => one.subscribe(wantedBy(backend(ACTIVE))))
    await settled()
    assert.deepEqual(asked.toSorted(), ['http://one/ping', 'https://two/ping'])
    ill.add('two')
    await pass(4000)
    for (const list of lists) assert.deepEqual(list.current?.urls, backend().hosts.slice(0, 1))
    assert.equal(gauges.get('up'), 1)
    assert.equal(gauges.get('down'), 1)
    assert.equal(JSON.stringify(shown()).includes('s3cret'), false)
    assert.deepEqual((shown()[0] as { down?: object }).down, {
      'https://two/v2': 'GET /ping answered 500',
    })
    ill.clear()
    await pass(3000)
    for (const list of lists) assert.deepEqual(list.current?.urls, backend().hosts)
  })

  it('are asked nothing with outlier ejection alone', async () => {
    const { thread, asked, settled } = start()
    thread().subscribe(wantedBy(backend({ consecutive_failures: 3 })))
    await settled()
    assert.deepEqual(asked, [])
  })
})

describe('a host that a thread takes out', () => {
  it('counts as ejected, and is shown, until its time is over', async () => {
    const { thread, gauges, settled, pass, shown } = start()
    const [one, other] = [thread(), thread()].map((each) =>
      each.subscribe(wantedBy(backend({ consecutive_failures: 3 }))),
    )
    await settled()
    assert.deepEqual([gauges.get('up'), gauges.get('ejected')], [2, 0])
    one?.ejected('https://two/v2', 5000)
    await settled()
    assert.deepEqual([gauges.get('up'), gauges.get('ejected')], [1, 1])
    const hosts = () => shown()[0]?.hosts.map(({ ejected_until: until }) => until !== undefined)
    assert.deepEqual(hosts(), [false, true])
    await pass(4000)
    other?.ejected('https://two/v2', 3000)
    await settled()
    await pass(2000)
    assert.deepEqual([gauges.get('up'), gauges.get('ejected')], [1, 1])
    await pass(1000)
    assert.deepEqual([gauges.get('up'), gauges.get('ejected')], [2, 0])
    assert.deepEqual(hosts(), [false, false])
  })

  it('is no news once nobody wants the list', async () => {
    const { hub, thread, settled } = start()
    const list = thread().subscribe(wantedBy(backend({ consecutive_failures: 3 })))
    list.close()
    list.ejected('https://two/v2', 5000)
    await settled()
    assert.deepEqual(hub.lists(), [])
  })
})
