import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ProxyRequest } from '../../../pipe/pipe.ts'
import { routedMessage } from './message.ts'
import type { ProducerOptions } from './producer-options.ts'

const OPTIONS = {
  ...{ mandatory: false, routingKey: 'Key', staticRoutingKey: false },
  ...{ expirationKey: 'Ttl', replyToKey: 'Back', messageIdKey: 'Id', priorityKey: 'Level' },
} as ProducerOptions
const request = (
  params: Record<string, string>,
  headers: readonly string[] = [],
): ProxyRequest => ({
  method: 'POST',
  host: '',
  path: '',
  query: [],
  headers,
  params,
  body: undefined,
})

describe('the message of a request', () => {
  it('is addressed by the parameters that the configuration names', () => {
    const params = { Key: 'a.b', Ttl: '500', Back: 'r', Id: 'i', Level: '5' }
    const headers = ['Content-Type', 'text/x', 'X-A', '1', 'X-A', 'J\u00c3\u00bc']
    const { key, properties } = routedMessage(request(params, headers), OPTIONS, 1_500)
    assert.equal(key, 'a.b')
    assert.deepEqual(properties, {
      headers: { 'Content-Type': ['text/x'], 'X-A': ['1', 'J\u00fc'] },
      ...{ timestamp: 1, mandatory: false, contentType: 'text/x', expiration: '500' },
      ...{ replyTo: 'r', messageId: 'i', priority: 5 },
    })
  })
  it('has an empty key without the parameter, and a fixed one with static_routing_key', () => {
    assert.deepEqual(routedMessage(request({}), OPTIONS, 0), {
      key: '',
      properties: { headers: {}, timestamp: 0, mandatory: false },
    })
    assert.deepEqual(
      routedMessage(request({ Key: '', Ttl: '', Back: '', Id: '', Level: '' }), OPTIONS, 0),
      routedMessage(request({}), OPTIONS, 0),
      'an earlier backend of a sequence had nothing to say',
    )
    const fixed = { ...OPTIONS, staticRoutingKey: true }
    assert.equal(routedMessage(request({ Key: 'other' }), fixed, 0).key, 'Key')
  })
  it('has the last eight bits of a priority, and none that is no number', () => {
    const priorities = ['0', '300', '-1', '+7', 'high', '1.5', ''].map(
      (Level) => routedMessage(request({ Level }), OPTIONS, 0).properties.priority,
    )
    assert.deepEqual(priorities, [0, 44, 255, 7, undefined, undefined, undefined])
  })
  it('is refused where a broker would close the channel over it', () => {
    const long = 'x'.repeat(256)
    const wrong: [ProxyRequest, RegExp][] = [
      [request({ Ttl: 'soon' }), /expiration is no number/],
      [request({ Ttl: '-1' }), /expiration is no number/],
      [request({ Ttl: '4294967296' }), /expiration is no number/],
      [request({ Key: long }), /routing key is longer than 255 bytes/],
      [request({ Back: long }), /reply queue is longer/],
      [request({ Id: long }), /message id is longer/],
      [request({}, ['Content-Type', long]), /content type is longer/],
      [request({}, [long, '1']), /header name is longer/],
      [request({}, ['X-A', 'x'.repeat(65_536)]), /headers are too long/],
    ]
    for (const [one, message] of wrong)
      assert.throws(() => routedMessage(one, OPTIONS, 0), {
        ...{ name: 'GatewayError', status: 400, message },
      })
  })
  it('keeps headers with names of an object', () => {
    const { headers } = routedMessage(request({}, ['__proto__', 'x']), OPTIONS, 0).properties
    assert.deepEqual(Object.entries(headers ?? {}), [['__proto__', ['x']]])
  })
})
