import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeForTests, scopeForTests } from '../../../../test/support/feature-scope.ts'
import { GatewayError } from '../../../errors.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import type { JsonObject, ProxyRequest, ProxyResponse } from '../../../pipe/pipe.ts'
import { proxyLimit } from './proxy.ts'

const answer = {} as ProxyResponse

function limited(config: JsonObject, parts = scopeForTests(), index = 0) {
  const decorate = proxyLimit.prepare(config, placeForTests('/x', index), parts.scope)
  assert.ok(decorate, 'a decorator')
  const pipe = decorate(async () => answer)
  return { ...parts, call: () => pipe({} as ProxyRequest, {} as Deadline) }
}

describe('qos/ratelimit/proxy', () => {
  it('adds no decorator without a rate', () => {
    const { scope } = scopeForTests()
    for (const config of [{}, { max_rate: 0 }, { max_rate: -2, capacity: 3 }])
      assert.equal(proxyLimit.prepare(config, placeForTests(), scope), undefined)
  })

  it('fails a call too many with an error that has no status of its own', async () => {
    const { call, time } = limited({ max_rate: 2, capacity: 1 })
    assert.equal(await call(), answer)
    await assert.rejects(call(), (error) => {
      assert.ok(error instanceof GatewayError)
      assert.equal(error.message, 'rate limit exceded')
      assert.equal(error.status, undefined)
      return true
    })
    time.nowMs += 501
    assert.equal(await call(), answer)
  })

  it('takes every as it is, also less than a second', async () => {
    const { call, time } = limited({ max_rate: 1, capacity: 1, every: '10ms' })
    await call()
    time.nowMs += 11
    assert.equal(await call(), answer)
    await assert.rejects(call())
  })

  it('counts each backend entry for itself', async () => {
    const parts = scopeForTests()
    const one = limited({ max_rate: 1, every: '1h' }, parts, 1)
    const other = limited({ max_rate: 1, every: '1h' }, parts, 2)
    await one.call()
    await assert.rejects(one.call())
    assert.equal(await other.call(), answer)
  })

  it('stops the start when it cannot work, naming the place', () => {
    for (const every of ['0s', '-1s', 'soon'])
      assert.throws(
        () => limited({ max_rate: 1, every }),
        /endpoints\[0\]\.backend\[0\]\.extra_config\."qos\/ratelimit\/proxy"\.every: /,
      )
  })
})
