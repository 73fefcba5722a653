import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { scopeForTests } from '../../../test/support/feature-scope.ts'
import {
  authPlace,
  authScope,
  nobody,
  noDeadline,
  reached,
  requestWith,
} from '../../../test/support/tokens.ts'
import { ConfigError } from '../../errors.ts'
import type { JsonObject } from '../../pipe/pipe.ts'
import { decoratorsFor } from '../feature.ts'
import { apiKeys } from './api-keys.ts'

const KEYS = [
  { key: 'one', roles: ['a', 'b'] },
  { key: 'two', roles: [] },
]

const LIMITED = [
  { key: 'one', roles: ['a'] },
  { key: 'two', roles: ['a'] },
  { key: 'three', roles: ['b'] },
]

function guarded(own: JsonObject, service: JsonObject = { keys: KEYS }) {
  const place = authPlace({ serviceExtra: { 'auth/api-keys': service } })
  const { scope, time } = scopeForTests()
  const decorate = apiKeys.prepare(own, place, scope)
  assert.ok(decorate)
  const { handler, requests } = reached()
  const handle = decorate(handler)
  const ask = async (headers: string[], rawQuery = '') =>
    (await handle(requestWith(headers, { rawQuery }), noDeadline())).status
  return { ask, requests, time }
}

describe('auth/api-keys', () => {
  it('adds no decorator without its namespace', () => {
    const { scope } = authScope(nobody)
    assert.deepEqual(decoratorsFor([apiKeys], {}, authPlace(), scope), [])
  })

  it('lets known keys in and answers 401 to everybody else', async () => {
    const { ask } = guarded({})
    assert.equal(await ask(['Authorization', 'Bearer one']), 200)
    assert.equal(await ask(['authorization', 'two']), 200)
    for (const key of ['One', 'on', 'one ', 'Bearer', 'Bearer ', 'three', '', '__proto__'])
      assert.equal(await ask(['Authorization', key]), key === 'one ' ? 200 : 401, key)
    assert.equal(await ask(['Authorization', 'x'.repeat(100_000)]), 401)
    assert.equal(await ask([]), 401)
  })

  it('wants one of the roles, and tells the backend the first that fits', async () => {
    const { ask, requests } = guarded({ roles: ['c', 'b'], propagate_role: 'x-role' })
    assert.equal(await ask(['Authorization', 'one', 'X-ROLE', 'admin']), 200)
    assert.deepEqual(requests[0]?.headers, ['Authorization', 'one', 'X-Role', 'b'])
    assert.equal(await ask(['Authorization', 'two']), 401)
    const any = guarded({}, { keys: KEYS, propagate_role: 'X-Role' })
    await any.ask(['Authorization', 'two', 'X-Role', 'admin'])
    assert.deepEqual(any.requests[0]?.headers, ['Authorization', 'two', 'X-Role', 'ANY'])
  })

  it('finds keys in a header or query parameter of another name', async () => {
    const query = guarded({ strategy: 'query_string' })
    assert.equal(await query.ask([], 'a=b&key=one'), 200)
    assert.equal(await query.ask(['Authorization', 'one'], 'a=b'), 401)
    const header = guarded({}, { keys: KEYS, identifier: 'X-Key' })
    assert.equal(await header.ask(['x-key', 'one']), 200)
    assert.equal(await header.ask(['Authorization', 'one']), 401)
  })

  it('knows keys by their salted hash', async () => {
    for (const hash of ['sha1', 'sha256'] as const) {
      const key = createHash(hash).update('salt+one').digest('hex')
      const salted = { hash, salt: 'salt+', keys: [{ key: key.toUpperCase(), roles: [] }] }
      assert.equal(await guarded({}, salted).ask(['Authorization', 'one']), 200)
      assert.equal(await guarded({}, salted).ask(['Authorization', key]), 401)
      assert.equal(await guarded({}, { ...salted, salt: '' }).ask(['Authorization', 'one']), 401)
    }
    // Go: fnv.New128() of "salt+one".
    const key = 'f6fcb3090c659959f8f3631a12c08840'
    const fnv = { hash: 'fnv128', salt: 'salt+', keys: [{ key, roles: [] }] }
    assert.equal(await guarded({}, fnv).ask(['Authorization', 'one']), 200)
  })

  it('lets each key make client_max_rate requests a second, whoever else is refused', async () => {
    const { ask, time, requests } = guarded({ client_max_rate: 2, roles: ['a'] }, { keys: LIMITED })
    const [one, two, other] = ['one', 'two', 'three'].map((key) => ['Authorization', key])
    assert.ok(one && two && other)
    for (const _time of [1, 2, 3]) assert.equal(await ask(['Authorization', 'nobody']), 401)
    for (const _time of [1, 2, 3]) assert.equal(await ask(other), 401, 'a key without the role')
    assert.deepEqual([await ask(one), await ask(one), await ask(one)], [200, 200, 429])
    assert.equal(await ask(['authorization', 'Bearer one']), 429, 'the same key, written otherwise')
    assert.equal(await ask(two), 200)
    assert.equal(requests.length, 3)
    time.nowMs += 500
    assert.deepEqual([await ask(one), await ask(one)], [200, 429])
  })

  it('does not give a slow key a new bucket because it was silent', async () => {
    const { ask, time } = guarded({ client_max_rate: 1 / 3600 }, { keys: KEYS })
    assert.equal(await ask(['Authorization', 'one']), 200)
    time.nowMs += 3_500_000
    assert.equal(await ask(['Authorization', 'one']), 429)
    time.nowMs += 200_000
    assert.equal(await ask(['Authorization', 'one']), 200)
  })

  it('holds as many requests at once as client_capacity says', async () => {
    const { ask } = guarded({ client_max_rate: 0.1, client_capacity: 3 }, { keys: KEYS })
    const statuses: number[] = []
    for (const _time of [1, 2, 3, 4]) statuses.push(await ask(['Authorization', 'one']))
    assert.deepEqual(statuses, [200, 200, 200, 429])
  })

  it('stops the start for keys and options that cannot work', () => {
    const wrong = (own: JsonObject, service: JsonObject, pattern: RegExp) =>
      assert.throws(
        () => guarded(own, service),
        (error) => error instanceof ConfigError && pattern.test(error.message),
      )
    wrong({}, {}, /^extra_config\."auth\/api-keys"\.keys: no keys/)
    wrong({}, { keys: [{ key: '' }] }, /keys\[0\]: it has no key/)
    wrong({}, { keys: [...KEYS, KEYS[0] as JsonObject] }, /keys\[2\]\.key: stands here twice/)
    wrong({}, { hash: 'sha256', keys: KEYS }, /keys\[0\]: key is no sha256/)
    wrong({}, { hash: 'md5', keys: KEYS }, /hash: unknown/)
    wrong({ strategy: 'body' }, { keys: KEYS }, /strategy: unknown/)
    wrong({ client_max_rate: -1 }, { keys: KEYS }, /client_max_rate: a value out of range/)
    wrong({ client_max_rate: '1' }, { keys: KEYS }, /client_max_rate: a value of another type/)
    wrong({}, { keys: KEYS, client_max_rate: 1 }, /client_max_rate: would limit nobody here/)
    const place = authPlace()
    assert.throws(
      () => apiKeys.prepare({}, place, authScope(nobody).scope),
      /the service has no "auth\/api-keys"/,
    )
  })
})
