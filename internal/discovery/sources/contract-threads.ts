import assert from 'node:assert/strict'
import { MessageChannel } from 'node:worker_threads'
import type { Source } from '../discovery.ts'
import { DiscoveryHub } from '../hub.ts'
import { realTimer } from '../poll-timing.ts'
import { Registries } from '../registries.ts'
import { ThreadDiscovery } from '../thread-discovery.ts'
import { placeOf } from './contract-checks.ts'

/** The same source, and how often it was asked. */
export function counting(source: Source) {
  let count = 0
  const { watch } = source
  const counted: Source = {
    ask(service, signal) {
      count++
      return source.ask(service, signal)
    },
    ...(watch === undefined
      ? {}
      : {
          watch(service, tell, signal) {
            count++
            return watch.call(source, service, tell, signal)
          },
        }),
  }
  return { source: counted, count: () => count }
}

/** What `threads` threads see, each with two who want the service. */
export async function throughHub(
  source: Source,
  service: string,
  threads: number,
): Promise<string[]> {
  const log = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }
  const scope = { log, now: Date.now, random: Math.random, dnsServers: [], secret() {} }
  const registries = new Registries({ one: () => source }, {}, scope)
  const cell = { add() {}, set() {}, observe() {} }
  const meters = { counter: () => cell, gauge: () => cell, histogram: () => cell, remove() {} }
  const hub = new DiscoveryHub({
    ...{ registries, log, meters, timer: realTimer },
    ...{ periodMs: 60_000, now: Date.now, random: Math.random },
  })
  const channels = Array.from({ length: threads }, () => new MessageChannel())
  const own = channels.map(({ port1, port2 }) => {
    hub.connect(port1)
    return new ThreadDiscovery(port2)
  })
  const wanted = { sd: 'one', registry: '', service, scheme: 'http' } as const
  try {
    const all = own.flatMap((thread) => [thread.subscribe(wanted), thread.subscribe(wanted)])
    const lists = await Promise.all(all.map((one) => one.first()))
    const seen = new Set(lists.map((list) => list.instances.map(placeOf).sort().join(' ')))
    assert.equal(seen.size, 1)
    return [...seen].join().split(' ')
  } finally {
    for (const thread of own) thread.close()
    await hub.close()
    for (const { port1, port2 } of channels) {
      port1.close()
      port2.close()
    }
  }
}
