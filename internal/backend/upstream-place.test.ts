import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { upstreamPlace } from './upstream-place.ts'

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

describe('a chosen host', () => {
  it('is where to connect, and what comes before the path', () => {
    assert.deepEqual(upstreamPlace('HTTP://api:8080/v2/'), {
      origin: 'http://api:8080',
      basePath: '/v2',
      authorization: undefined,
    })
  })
  it('may hold a user and a password, which are no part of the address', () => {
    const place = upstreamPlace('https://u%40x:p%3Aq@api/v1')
    assert.equal(place.origin, 'https://api')
    assert.equal(place.authorization, basic('u@x:p:q'))
    assert.equal(upstreamPlace('http://u@api').authorization, basic('u:'))
  })
  it('keeps the pin of an instance that has its address to itself, and sends nobody its name', () => {
    assert.deepEqual(upstreamPlace('http://|10.0.0.1@api:80/v1'), {
      origin: 'http://|10.0.0.1@api:80',
      basePath: '/v1',
      authorization: undefined,
    })
  })
  it('is refused without a scheme or an address, and its password stays untold', () => {
    assert.throws(() => upstreamPlace('api:80'), /unsupported protocol scheme ""/)
    assert.throws(
      () => upstreamPlace('http://u:secret@/x'),
      (error: Error) => {
        return /no Host in request URL/.test(error.message) && !error.message.includes('secret')
      },
    )
    assert.throws(() => upstreamPlace('http://u%zz@api'), /invalid userinfo/)
  })
})
