import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_CHOICE } from './choice.ts'
import { readChoice } from './read-choice.ts'

describe('backend/discovery', () => {
  it('has the defaults where nothing is said', () => {
    assert.deepEqual(readChoice({}, 'x'), DEFAULT_CHOICE)
  })

  it('is read whole', () => {
    const choice = readChoice(
      {
        metadata: { version: 'v2' },
        tags: ['prod'],
        port: 8081,
        policy: {
          max_stale: '1h',
          on_unreachable: 'fallback',
          on_not_found: 'drop',
          on_empty: 'fallback',
          on_partial: 'drop',
          guard: { max_removed: 0.2, confirmations: 2, hold: '10s' },
          slow_start: '30s',
          snapshot_file: './hosts',
          snapshot_max_age: '2h',
        },
        health: { active: { path: '/ping', interval: '5s' } },
        chain: [
          { sd: 'dns', host: ['orders.local:80'] },
          { sd: 'static', host: ['http://a'] },
        ],
      },
      'x',
    )
    assert.deepEqual(choice, {
      filter: { metadata: { version: 'v2' }, tags: ['prod'], port: '8081' },
      policy: {
        maxStaleMs: 3_600_000,
        onUnreachable: 'fallback',
        onNotFound: 'drop',
        onEmpty: 'fallback',
        onPartial: 'drop',
      },
      guard: { maxRemoved: 0.2, confirmations: 2, holdMs: 10_000 },
      slowStartMs: 30_000,
      checks: { path: '/ping', intervalMs: 5000, timeoutMs: 1000 },
      snapshotFile: { path: './hosts', maxAgeMs: 7_200_000 },
      chain: [
        { sd: 'dns', registry: '', hosts: ['orders.local:80'] },
        { sd: 'static', registry: '', hosts: ['http://a'] },
      ],
    })
  })

  for (const [path, written] of Object.entries({
    'policy.max_stale': { policy: { max_stale: 'soon' } },
    'policy.on_empty': { policy: { on_empty: 'forget' } },
    'policy.guard.max_removed': { policy: { guard: { max_removed: 2 } } },
    'policy.guard.confirmations': { policy: { guard: { confirmations: 0 } } },
    'policy.guard.hold': { policy: { guard: { hold: '-1s' } } },
    'policy.slow_start': { policy: { slow_start: 10 } },
    'policy.snapshot_file': { policy: { snapshot_file: '' } },
    'chain[0].sd': { chain: [{ host: ['a'] }] },
    'chain[0].host': { chain: [{ sd: 'dns' }] },
    'health.active.path': { health: { active: { path: 'ping' } } },
    'health.active.timeout': { health: { active: { timeout: '0s' } } },
    policy: { policy: 'keep' },
  })) {
    it(`names ${path} when that cannot be used`, () => {
      assert.throws(
        () => readChoice(written as never, 'x'),
        (error: Error) => error.message.startsWith(`x.${path}: cannot be used`),
      )
    })
  }
})
