import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { KeyStore } from './key-store.ts'

function store() {
  const state = { nowMs: 1_000_000, fetches: 0, keys: [{ kid: 'a' }] as JsonObject[], fails: false }
  const gate = { wait: Promise.resolve() }
  const changes: number[] = []
  const keys = new KeyStore({
    changed: (version) => changes.push(version),
    clock: () => state.nowMs,
    async fetch() {
      state.fetches++
      await gate.wait
      if (state.fails) throw new Error('down')
      return state.keys
    },
  })
  const ask = (id: string, more: { maxAgeMs?: number; cooldownMs?: number } = {}) =>
    keys.answer({ strategy: 'kid', id, maxAgeMs: 60_000, cooldownMs: 0, ...more })
  return { state, gate, keys, ask, changes }
}

describe('a key store', () => {
  it('fetches once for all who ask at the same time, whatever they look for', async () => {
    const { state, gate, ask } = store()
    const { promise, resolve } = Promise.withResolvers<void>()
    gate.wait = promise
    const answers = Promise.allSettled([ask('a'), ask('a', { maxAgeMs: 0 }), ask('b')])
    resolve()
    assert.deepEqual(
      (await answers).map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
    )
    assert.equal(state.fetches, 1)
  })

  it('answers from what it holds until that is too old for who asks', async () => {
    const { state, ask } = store()
    await ask('a')
    state.nowMs += 59_999
    assert.equal((await ask('a')).ageMs, 59_999)
    assert.equal(state.fetches, 1)
    await ask('a', { maxAgeMs: 0 })
    state.nowMs += 60_000
    await ask('a')
    assert.equal(state.fetches, 3)
  })

  it('keeps its version while the keys stay the same, and tells when they do not', async () => {
    const { state, ask, changes } = store()
    const { version } = await ask('a')
    assert.equal((await ask('a', { maxAgeMs: 0 })).version, version)
    assert.deepEqual(changes, [])
    state.keys = [{ kid: 'a', n: 'x' }]
    const after = await ask('a', { maxAgeMs: 0 })
    assert.notEqual(after.version, version)
    assert.deepEqual(changes, [after.version])
  })

  it('looks for an unknown key again only after the cool-down, also after a failure', async () => {
    const { state, ask } = store()
    const wish = { cooldownMs: 5000 }
    await assert.rejects(ask('x', wish), /no key "x" in the key set/)
    await assert.rejects(ask('x', wish), /no key "x", lately/)
    assert.equal(state.fetches, 1)
    state.nowMs += 5000
    state.fails = true
    await assert.rejects(ask('x', wish), /down/)
    state.fails = false
    await assert.rejects(ask('x', wish), /lately/)
    assert.equal(state.fetches, 2)
    state.keys = [{ kid: 'x' }]
    state.nowMs += 5000
    await ask('x', wish)
  })

  it('remembers a bounded number of unknown keys', async () => {
    const { state, ask } = store()
    const wish = { cooldownMs: 5000 }
    await assert.rejects(ask('first', wish))
    for (let index = 0; index < 1024; index++) await assert.rejects(ask(`x${index}`, wish))
    const before = state.fetches
    await assert.rejects(ask('x1023', wish), /lately/)
    assert.equal(state.fetches, before)
    await assert.rejects(ask('first', wish), /in the key set/)
    assert.equal(state.fetches, before + 1)
  })
})
