import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../pipe/pipe.ts'
import { ipFilter, ipFilterOfService } from './ip-filter.ts'
import { tryGuard } from './try-guard.ts'

const BLOCKS = ['10.0.0.0/8', '203.0.113.7', '2001:db8::/32']
const status = async (config: JsonObject, changes: object) =>
  (await tryGuard(ipFilter, config).send(changes)).reply.status

describe('security/ip-filter', () => {
  const from = (clientAddress: string) => ({ clientAddress })
  const addresses = ['10.1.2.3', '11.0.0.1', '203.0.113.7', '203.0.113.8', '2001:db8::1', '::1']

  it('lets only the listed in with allow', async () => {
    const found = addresses.map((each) => status({ CIDR: BLOCKS, allow: true }, from(each)))
    assert.deepEqual(await Promise.all(found), [200, 403, 200, 403, 200, 403])
  })
  it('keeps only the listed out without it', async () => {
    const found = addresses.map((each) => status({ CIDR: BLOCKS }, from(each)))
    assert.deepEqual(await Promise.all(found), [403, 200, 403, 200, 403, 200])
  })
  it('knows an IPv4 address that a dual-stack socket maps', async () => {
    assert.equal(await status({ CIDR: BLOCKS }, from('::ffff:10.1.2.3')), 403)
  })
  it('lets nobody in whose address it cannot read', async () => {
    for (const each of ['', 'unknown', '10.0.0.1:80'])
      assert.deepEqual(
        await Promise.all(
          [true, false].map((allow) => status({ CIDR: BLOCKS, allow }, from(each))),
        ),
        [403, 403],
      )
  })
  it('lets nobody in with an empty list of the allowed', async () => {
    assert.equal(await status({ CIDR: [], allow: true }, from('10.0.0.1')), 403)
  })
  it('believes its own proxies and headers only', async () => {
    const config = { CIDR: BLOCKS, trusted_proxies: ['192.0.2.1'], client_ip_headers: ['X-Client'] }
    const behind = { peerAddress: '192.0.2.1', headers: ['x-client', '10.1.2.3'] }
    assert.equal(await status(config, behind), 403)
    assert.equal(await status(config, { ...behind, peerAddress: '192.0.2.2' }), 200)
    assert.equal(await status(config, { ...behind, headers: ['X-Forwarded-For', '10.1.2.3'] }), 200)
  })
  it('covers health too, and logs whom it refused', async () => {
    const guard = tryGuard(ipFilterOfService, { CIDR: BLOCKS })
    const { reply } = await guard.send({ clientAddress: '10.1.2.3', path: '/__health' })
    assert.deepEqual({ ...reply }, { status: 403, headers: [], body: undefined })
    assert.deepEqual(guard.lines, ['[SERVICE: Gin][IP-Filter] address rejected: 10.1.2.3'])
  })
  it('warns where any client could choose its address', () => {
    const everybody = {
      CIDR: BLOCKS,
      client_ip_headers: ['X-Client'],
      trusted_proxies: ['0.0.0.0/0'],
    }
    assert.match(tryGuard(ipFilter, everybody).lines.join(), /any client can choose its address/)
    assert.deepEqual(tryGuard(ipFilter, { CIDR: BLOCKS }).lines, [])
  })
  it('stops the start over what is no block', () => {
    const place = 'endpoints[3].extra_config."security/ip-filter"'
    for (const [config, path] of [
      [{ CIDR: ['10.0.0.0/33'] }, `${place}.CIDR`],
      [{ CIDR: ['office'] }, `${place}.CIDR`],
      [{ CIDR: [], trusted_proxies: ['x'] }, `${place}.trusted_proxies`],
      [{ allow: true }, `${place}.CIDR`],
    ] as [JsonObject, string][])
      assert.throws(
        () => tryGuard(ipFilter, config),
        (error: Error) => error.name === 'ConfigError' && error.message.startsWith(path),
      )
  })
})
