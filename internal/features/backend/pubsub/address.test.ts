import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { driverOf } from './drivers.ts'

const PATH = 'endpoints[0].backend[0].extra_config."backend/pubsub/publisher"'
const nameOf = (host: string, rest: string): string => driverOf([host], rest, PATH).address.name

describe('the address of a topic', () => {
  it('is the host and what the namespace says, without slashes at its ends', () => {
    assert.equal(nameOf('nats://', 'orders.new?natsv2'), 'orders.new')
    assert.equal(nameOf('nats://orders', '/new/'), 'orders/new')
    assert.equal(nameOf('awssns:///', 'arn:aws:sns:eu:1:t'), 'arn:aws:sns:eu:1:t')
    assert.equal(nameOf('rabbit://', 'my%20exchange'), 'my exchange')
    assert.equal(nameOf('rabbit://', 'odd%ff'), 'odd%ff')
  })
  it('stops the start when it is none, with its place', () => {
    const wrong: [string, string, RegExp][] = [
      ['http://nats', '/x', /^endpoints\[0\]\.backend\[0\]\.host: no broker that is known here/],
      [
        'mempubsub://',
        'topic',
        /allowed: awssns:\/\/, awssqs:\/\/, azuresb:\/\/, gcppubsub:\/\/, kafka:\/\//,
      ],
      ['nats://', '', /not the address of a topic/],
      ['nats://', 'a b', /not the address of a topic/],
      ['nats://', 'a%zz', /not the address of a topic/],
      ['constructor://', 'x', /no broker that is known here/],
    ]
    for (const [host, rest, message] of wrong)
      assert.throws(() => driverOf([host], rest, PATH), { name: 'ConfigError', message })
  })
  it('needs what the environment must say', () => {
    const { driver, address } = driverOf(['nats://'], 'x', PATH)
    const scope = { path: PATH, env: {}, random: Math.random, now: Date.now, say() {} }
    assert.throws(() => driver.openTopic(address, scope), {
      message: /backend\/pubsub\/publisher": the environment variable NATS_SERVER_URL is not set/,
    })
  })
})
