import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endpointForTests, scopeForTests } from '../../../../test/support/feature-scope.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import type { ClientRequest, Handler, JsonObject } from '../../../pipe/pipe.ts'
import { routerLimit } from './router.ts'

const OK: Handler = async () => ({ status: 200, headers: [], body: undefined })
const deadline = {} as Deadline

const request = (changes: Partial<ClientRequest> = {}): ClientRequest =>
  ({ clientAddress: '192.0.2.1', headers: [], params: {}, ...changes }) as ClientRequest

function limited(config: JsonObject, parts = scopeForTests(), endpoint = '/x') {
  const decorate = routerLimit.prepare(config, endpointForTests(endpoint), parts.scope)
  assert.ok(decorate, 'a decorator')
  const handler = decorate(OK)
  const status = async (changes?: Partial<ClientRequest>) =>
    (await handler(request(changes), deadline)).status
  const statuses = async (times: number, changes?: Partial<ClientRequest>) => {
    const all: number[] = []
    for (let time = 0; time < times; time++) all.push(await status(changes))
    return all
  }
  return { ...parts, handler, status, statuses }
}
const CLIENT = { client_max_rate: 2, client_capacity: 2, every: '10m' }

describe('qos/ratelimit/router', () => {
  it('adds no decorator without a rate', () => {
    const { scope } = scopeForTests()
    for (const config of [
      {},
      { max_rate: 0 },
      { max_rate: -1, capacity: 1 },
      { client_max_rate: 0 },
    ])
      assert.equal(routerLimit.prepare(config, endpointForTests(), scope), undefined)
  })

  it('refuses with an empty 503 that the access log explains', async () => {
    const { handler } = limited({ max_rate: 1, capacity: 1, every: '10m' })
    await handler(request(), deadline)
    const reply = await handler(request(), deadline)
    assert.deepEqual(
      { ...reply },
      { status: 503, headers: [], body: undefined, errors: ['rate limit exceded'] },
    )
  })

  it('asks the client’s limit first: a refused client takes nothing from the endpoint', async () => {
    const { statuses } = limited({ ...CLIENT, max_rate: 3, capacity: 3, strategy: 'ip' })
    assert.deepEqual(await statuses(4), [200, 200, 429, 429])
    assert.deepEqual(await statuses(3, { clientAddress: '192.0.2.2' }), [200, 503, 429])
  })

  it('has KrakenD’s default capacities: those of clients depend on max_rate', async () => {
    const burst = async (config: JsonObject) => {
      const { statuses } = limited({ strategy: 'ip', ...config })
      return (await statuses(12)).filter((status) => status === 200).length
    }
    assert.equal(await burst({ max_rate: 5 }), 5)
    assert.equal(await burst({ max_rate: 0.1 }), 1)
    assert.equal(await burst({ max_rate: 90, every: '1m' }), 1)
    assert.equal(await burst({ client_max_rate: 5 }), 1)
    assert.equal(await burst({ client_max_rate: 5, max_rate: 10 }), 5)
    assert.equal(await burst({ client_max_rate: 5, client_capacity: 3.9 }), 3)
  })

  it('refuses a new client first when its default capacity is less than one, as KrakenD, and says so', async () => {
    const slow = { strategy: 'ip', max_rate: 100, client_max_rate: 5, every: '10s' }
    const { statuses, time, warnings } = limited(slow)
    assert.deepEqual(await statuses(2), [429, 429])
    time.nowMs += 2001
    assert.deepEqual(await statuses(2), [200, 429])
    assert.match(warnings.join(), /client_capacity: absent.* first request .* is refused/)
    const told = limited({ ...slow, client_capacity: 1 })
    assert.deepEqual(await told.statuses(2), [200, 429])
    assert.deepEqual(told.warnings, [])
  })

  it('counts less than a second as a second, and says so', async () => {
    const { statuses, time, warnings } = limited({ max_rate: 2, capacity: 1, every: '10ms' })
    assert.deepEqual(await statuses(2), [200, 503])
    time.nowMs += 400
    assert.equal(await statuses(1).then(([status]) => status), 503)
    time.nowMs += 101
    assert.deepEqual(await statuses(2), [200, 503])
    assert.match(warnings.join(), /every: less than a second counts as 1s/)
  })

  it('forgets a client after ten minutes, or after every where that is longer', async () => {
    for (const [every, minutes] of [
      ['10m', 10.1],
      ['1h', 76],
    ] as const) {
      const rare = { client_max_rate: 0.001, client_capacity: 1, every, strategy: 'ip' }
      const { status, time } = limited(rare)
      await status()
      assert.equal(await status(), 429)
      time.nowMs += minutes * 60_000
      assert.equal(await status(), 200)
    }
  })

  it('keeps the buckets of endpoints and of clients apart', async () => {
    const parts = scopeForTests()
    const one = limited({ ...CLIENT, strategy: 'ip' }, parts, '/one')
    const other = limited({ ...CLIENT, strategy: 'ip' }, parts, '/other')
    assert.deepEqual(await one.statuses(3), [200, 200, 429])
    assert.deepEqual(await other.statuses(3), [200, 200, 429])
    const again = limited({ ...CLIENT, strategy: 'ip' }, parts, '/one')
    assert.deepEqual(await again.statuses(1), [429])
  })

  describe('strategies', () => {
    const header = (...headers: string[]) => ({ headers })

    it('by header: the first value, as it is written; without one always 429', async () => {
      const { statuses } = limited({ ...CLIENT, strategy: 'header', key: 'X-Client' })
      assert.deepEqual(await statuses(3, header('x-client', 'ann')), [200, 200, 429])
      assert.deepEqual(await statuses(1, header('X-Client', 'Ann')), [200])
      assert.deepEqual(await statuses(1, header('X-Client', 'ann', 'X-Client', 'bob')), [429])
      assert.deepEqual(await statuses(1, header('X-Client', '')), [429])
      assert.deepEqual(await statuses(1), [429])
    })

    it('by parameter, named exactly', async () => {
      const { statuses } = limited({ ...CLIENT, strategy: 'PARAM', key: 'id' }, undefined, '/{id}')
      assert.deepEqual(await statuses(3, { params: { id: 'a' } }), [200, 200, 429])
      assert.deepEqual(await statuses(1, { params: { Id: 'b' } }), [429])
    })

    it('by a header’s first IPv4 address, or else by the client’s own', async () => {
      const { status, statuses } = limited({ ...CLIENT, strategy: 'ip', key: 'X-Real' })
      assert.deepEqual(
        await statuses(3, header('X-Real', ' 198.51.100.7:99 , 1.1.1.1')),
        [200, 200, 429],
      )
      assert.equal(await status(header('X-Real', '198.51.100.7')), 429)
      assert.equal(await status(header('X-Real', '2001:db8::1')), 200)
      assert.equal(await status(header('X-Real', '1.2.3')), 200)
      assert.equal(await status(), 429)
    })

    it('warn of a key that no request can have', () => {
      for (const [strategy, key] of [
        ['param', 'customer'],
        ['header', ''],
        ['header', 'Host'],
      ] as const) {
        const { warnings } = limited({ ...CLIENT, strategy, key }, undefined, '/{id}')
        assert.match(warnings.join(), /"qos\/ratelimit\/router"\.key: .*429/)
      }
    })
  })

  describe('stops the start', () => {
    const refusal = (config: JsonObject, message: RegExp) =>
      assert.throws(
        () => routerLimit.prepare(config, endpointForTests(), scopeForTests().scope),
        message,
      )

    it('with an unknown or missing strategy, at its place', () => {
      for (const strategy of ['cookie', '', null])
        refusal(
          { ...CLIENT, strategy },
          /endpoints\[0\]\.extra_config\."qos\/ratelimit\/router"\.strategy: client_max_rate would limit nobody/,
        )
    })

    it('with what is no number, capacity or duration', () => {
      refusal({ max_rate: '5' }, /\.max_rate: .*found "5"/)
      refusal({ max_rate: 5, capacity: -1 }, /\.capacity: /)
      refusal({ max_rate: 5, every: 'soon' }, /\.every: time: invalid duration/)
      refusal({ max_rate: 5, every: '60' }, /\.every: time: missing unit/)
      refusal({ ...CLIENT, strategy: 'header', key: 7 }, /\.key: /)
    })
  })

  it('holds out against a million clients: the table keeps its size, refuses at worst, and is quick', async () => {
    const { handler, scope } = limited({ ...CLIENT, strategy: 'header', key: 'X-Client' })
    const sizeBytes = scope.clients.words.byteLength
    const startMs = performance.now()
    let refused = 0
    for (let client = 0; client < 1_000_000; client++) {
      const reply = await handler(request({ headers: ['X-Client', `${client}`] }), deadline)
      if (reply.status === 429) refused++
    }
    assert.equal(scope.clients.words.byteLength, sizeBytes)
    assert.ok(refused > 900_000, `${refused} refused: all came within one second`)
    assert.ok(performance.now() - startMs < 30_000)
  })
})
