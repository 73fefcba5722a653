import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import type { ServiceConfig } from '../config/types.ts'
import { explain } from './explain.ts'
import { DiscoveryHub } from './hub.ts'
import { realTimer } from './poll-timing.ts'
import { Registries } from './registries.ts'
import { ThreadDiscovery } from './thread-discovery.ts'

const silent = { debug() {}, info() {}, warning() {}, error() {}, critical() {} }
const cell = () => ({ add() {}, set() {}, observe() {} })
const meters = { counter: cell, gauge: cell, histogram: cell, remove() {} }
const scope = { log: silent, now: () => 5000, random: () => 0.5, dnsServers: [], secret() {} }

/** What explain reads of a configuration. */
const config = (hosts: readonly string[]) =>
  ({
    endpoints: [
      {
        backends: [
          { sd: 'static', hosts, extraConfig: {} },
          { sd: 'static', hosts, extraConfig: {} },
        ],
      },
    ],
  }) as never as ServiceConfig

const host = (name: string, weight: number) => ({
  host: name,
  port: 80,
  addresses: ['10.0.0.1'],
  basePath: '',
  weight,
  zone: 'a',
  metadata: {},
})

describe('explain', () => {
  it('shows every list with its hosts, slots and what happened to it', async () => {
    const source = {
      ask: async () => ({ instances: [host('one', 1), host('two', 2)], notes: ['asked'] }),
    }
    const registries = new Registries({ fake: () => source }, {}, scope)
    const hub = new DiscoveryHub({
      ...scope,
      registries,
      periodMs: 30_000,
      meters,
      timer: realTimer,
    })
    const { port1, port2 } = new MessageChannel()
    hub.connect(port1)
    const wanted = { sd: 'fake', registry: '', service: 'orders', scheme: 'http' } as const
    const list = new ThreadDiscovery(port2).subscribe(wanted)
    await list.first()
    const { subscriptions } = explain(hub, config(['http://x:1', 'http://y', 'http://x:1']), 7000)
    await hub.close()
    port1.close()
    await once(port2, 'close')

    assert.deepEqual(subscriptions, [
      {
        name: 'orders',
        sd: 'fake',
        scheme: 'http',
        state: 'fresh',
        age_seconds: 2,
        next_refresh_seconds: 28,
        is_asking: false,
        is_withdrawn: false,
        failures: 0,
        last_error: null,
        slots: 3,
        hosts: [
          { url: 'http://one:80', weight: 1, slots: 1, addresses: ['10.0.0.1'], zone: 'a' },
          { url: 'http://two:80', weight: 2, slots: 2, addresses: ['10.0.0.1'], zone: 'a' },
        ],
        notes: ['asked'],
        rules: ['fake orders: its answer serves'],
        changes: [
          { at: '1970-01-01T00:00:05.000Z', added: ['one:80', 'two:80'], removed: [], altered: [] },
        ],
      },
      {
        name: 'http://x:1 http://y http://x:1',
        sd: 'static',
        state: 'fresh',
        slots: 3,
        hosts: [
          { url: 'http://x:1', weight: 2, slots: 2, addresses: [] },
          { url: 'http://y', weight: 1, slots: 1, addresses: [] },
        ],
      },
    ])
  })
})
