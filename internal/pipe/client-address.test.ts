import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ClientAddressConfig, clientAddress } from './client-address.ts'

const DEFAULT: ClientAddressConfig = {
  forwardedByClientIp: true,
  remoteIpHeaders: ['X-Forwarded-For', 'X-Real-Ip'],
  trustedProxies: ['0.0.0.0/0', '::/0'],
  appEngine: false,
}
const PEER = '192.0.2.1'
const forwarded = (...values: string[]) => values.flatMap((value) => ['X-Forwarded-For', value])

describe("the client's address by default", () => {
  const address = clientAddress(DEFAULT)
  const cases: [string, string[], string][] = [
    ['the peer without headers', [], PEER],
    ['the leftmost of a list', forwarded('203.0.113.7, 198.51.100.2'), '203.0.113.7'],
    ['the leftmost over several lines', forwarded('203.0.113.7', '198.51.100.2'), '203.0.113.7'],
    ['an IPv6 address', forwarded(' 2001:db8::7 '), '2001:db8::7'],
    [
      'the next header when one holds no address',
      [...forwarded('unknown'), 'x-real-ip', '203.0.113.9'],
      '203.0.113.9',
    ],
    ['the peer when one item is no address', forwarded('203.0.113.7, nobody'), PEER],
    ['the peer when the leftmost has a port', forwarded('203.0.113.7:8080, 198.51.100.2'), PEER],
    ['the peer when a header is empty', forwarded(''), PEER],
    ['the peer when an item has a zone', forwarded('fe80::1%eth0'), PEER],
  ]
  for (const [name, headers, expected] of cases)
    it(`is ${name}`, () => assert.equal(address(PEER, headers), expected))

  it('of a mapped peer prints as IPv4', () =>
    assert.equal(address('::ffff:127.0.0.1', []), '127.0.0.1'))
  it('is not App Engine’s unless asked for', () => {
    const headers = ['X-AppEngine-Remote-Addr', '203.0.113.5']
    assert.equal(address(PEER, headers), PEER)
    assert.equal(clientAddress({ ...DEFAULT, appEngine: true })(PEER, headers), '203.0.113.5')
  })
})

describe("the client's address behind trusted proxies", () => {
  const address = clientAddress({ ...DEFAULT, trustedProxies: ['192.0.2.0/24', '2001:db8::1'] })
  it('is the first from the right that is no proxy', () => {
    assert.equal(address(PEER, forwarded('10.0.0.1, 203.0.113.7, 192.0.2.77')), '203.0.113.7')
    assert.equal(address(PEER, forwarded('not read, 203.0.113.7, 192.0.2.77')), '203.0.113.7')
  })
  it('is the leftmost when all are proxies', () => {
    assert.equal(address(PEER, forwarded('192.0.2.8, 192.0.2.9')), '192.0.2.8')
  })
  it('is the peer when that is no proxy itself', () => {
    assert.equal(address('198.51.100.1', forwarded('203.0.113.7')), '198.51.100.1')
  })
  it('trusts mapped and IPv6 peers by their block', () => {
    assert.equal(address('::ffff:192.0.2.5', forwarded('203.0.113.7')), '203.0.113.7')
    assert.equal(address('2001:db8::1', forwarded('203.0.113.7')), '203.0.113.7')
    assert.equal(address('2001:db8::2', forwarded('203.0.113.7')), '2001:db8::2')
  })
  it('keeps IPv4 and IPv6 apart: ::/0 trusts no IPv4 peer', () => {
    const only6 = clientAddress({ ...DEFAULT, trustedProxies: ['::/0'] })
    assert.equal(only6(PEER, forwarded('203.0.113.7')), PEER)
  })
  it('is the peer when forwarded_by_client_ip is off', () => {
    const off = clientAddress({ ...DEFAULT, forwardedByClientIp: false })
    assert.equal(off(PEER, forwarded('203.0.113.7')), PEER)
  })
  for (const block of ['10.0.0.0/33', 'example.com', '10.0.0.0/', '10.0.0.0/8/8', '::/129', ''])
    it(`refuses the block "${block}"`, () => {
      assert.throws(() => clientAddress({ ...DEFAULT, trustedProxies: [block] }), {
        name: 'ConfigError',
        message: /trusted_proxies/,
      })
    })
})
