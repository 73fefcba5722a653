import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeForTests, scopeForTests } from '../../../test/support/feature-scope.ts'
import { GatewayError } from '../../errors.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import type { JsonObject, ProxyRequest, ProxyResponse } from '../../pipe/pipe.ts'
import { circuitBreaker } from './circuit-breaker.ts'

const answer = { errors: [] } as unknown as ProxyResponse
const prepared = (config: JsonObject, parts = scopeForTests()) =>
  circuitBreaker.prepare(config, placeForTests(), parts.scope)

function broken(config: JsonObject) {
  const parts = scopeForTests()
  const decorate = prepared(config, parts)
  assert.ok(decorate, 'a decorator')
  const upstream: { next: () => Promise<ProxyResponse> } = { next: async () => answer }
  const pipe = decorate(() => upstream.next())
  return { ...parts, upstream, call: () => pipe({} as ProxyRequest, {} as Deadline) }
}
const fails = (error: Error) => () => Promise.reject(error)

describe('qos/circuit-breaker', () => {
  it('adds no decorator when nothing is set, and says so', () => {
    for (const config of [
      {},
      { log_status_change: false },
      { interval: 0, timeout: 0.9, name: '' },
    ]) {
      const parts = scopeForTests()
      assert.equal(prepared(config, parts), undefined)
      assert.match(parts.warnings.join(), /there is no circuit breaker/)
    }
  })

  it('opens after more than max_errors failures, and closes after a good trial', async () => {
    const { call, upstream, time } = broken({ max_errors: 1, interval: 60, timeout: 5 })
    upstream.next = fails(new GatewayError('status-code'))
    await assert.rejects(call(), { message: 'invalid status code' })
    await assert.rejects(call(), { message: 'invalid status code' })
    await assert.rejects(call(), { message: 'circuit breaker is open', status: undefined })
    time.nowMs += 5001
    const trial = Promise.withResolvers<ProxyResponse>()
    upstream.next = () => trial.promise
    const tried = call()
    await assert.rejects(call(), { message: 'too many requests' })
    trial.resolve(answer)
    assert.equal(await tried, answer)
    assert.equal(await call(), answer)
  })

  it('stays open for a minute when no timeout is set', async () => {
    const { call, upstream, time } = broken({ name: 'x' })
    upstream.next = fails(new GatewayError('upstream'))
    await assert.rejects(call())
    upstream.next = async () => answer
    time.nowMs += 59_999
    await assert.rejects(call(), { message: 'circuit breaker is open' })
    time.nowMs += 2
    assert.equal(await call(), answer)
  })

  it('counts time-outs and bugs as failures, and not requests whose client went away', async () => {
    const { call, upstream } = broken({ max_errors: 1 })
    for (let time = 0; time < 5; time++) {
      upstream.next = fails(new GatewayError('canceled'))
      await assert.rejects(call(), { code: 'canceled' })
    }
    upstream.next = fails(new GatewayError('timeout'))
    await assert.rejects(call(), { code: 'timeout' })
    upstream.next = () => {
      throw new TypeError('a bug')
    }
    await assert.rejects(call(), TypeError)
    await assert.rejects(call(), { message: 'circuit breaker is open' })
  })

  it('gives the trial back when its client goes away', async () => {
    const { call, upstream, time } = broken({ max_errors: 0, timeout: 1, interval: 1 })
    upstream.next = fails(new GatewayError('upstream'))
    await assert.rejects(call())
    time.nowMs += 1001
    upstream.next = fails(new GatewayError('canceled'))
    await assert.rejects(call(), { code: 'canceled' })
    upstream.next = async () => answer
    assert.equal(await call(), answer)
  })

  it('drops an answer that comes with an error, and counts it as a failure', async () => {
    const { call, upstream } = broken({ max_errors: 0, timeout: 1 })
    const error = new GatewayError('component')
    upstream.next = async () => ({ errors: [error] }) as unknown as ProxyResponse
    await assert.rejects(call(), error)
    await assert.rejects(call(), { message: 'circuit breaker is open' })
  })

  it('logs changes in KrakenD’s words when asked to', async () => {
    const { call, upstream, warnings } = broken({
      name: 'stock',
      timeout: 1,
      log_status_change: true,
    })
    upstream.next = fails(new GatewayError('upstream'))
    await assert.rejects(call())
    assert.deepEqual(warnings, ["[CB] Circuit breaker named 'stock' went from 'closed' to 'open'"])
  })

  it('stops the start when it cannot work, naming the place', () => {
    for (const config of [{ max_errors: '3' }, { max_errors: -1 }, { max_errors: 16384 }])
      assert.throws(
        () => prepared(config),
        /endpoints\[0\]\.backend\[0\]\.extra_config\."qos\/circuit-breaker"\.max_errors: /,
      )
  })
})
