import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { candidates, DEFAULTS, parseResolvConf, readResolvConf } from './resolv-conf.ts'

describe('resolv.conf', () => {
  it('reads servers, search list and options', () => {
    const conf = parseResolvConf(
      [
        '# comment',
        'nameserver 10.0.0.2 # the first',
        'nameserver fe80::1%eth0',
        'nameserver dns.example',
        'search svc.cluster.local. cluster.local',
        'options ndots:5 timeout:1 attempts:3 rotate use-vc nonsense:x',
      ].join('\n'),
    )
    assert.deepEqual(conf, {
      servers: [
        { address: '10.0.0.2', port: 53 },
        { address: 'fe80::1%eth0', port: 53 },
      ],
      search: ['svc.cluster.local', 'cluster.local'],
      ndots: 5,
      timeoutMs: 1000,
      attempts: 3,
      rotate: true,
      useTcp: true,
    })
  })

  it('keeps options within what resolvers take', () => {
    const conf = parseResolvConf('options ndots:99 timeout:0 attempts:9999')
    assert.deepEqual([conf.ndots, conf.timeoutMs, conf.attempts], [15, 1000, 5])
  })

  it('means a server on this machine when there is no file', async () => {
    assert.deepEqual(await readResolvConf('/nowhere/resolv.conf'), DEFAULTS)
  })

  it('tries names with enough dots as they are first', () => {
    const conf = { ...DEFAULTS, search: ['a.test', 'b.test'], ndots: 2 }
    assert.deepEqual(candidates('x.y.z', conf), ['x.y.z', 'x.y.z.a.test', 'x.y.z.b.test'])
    assert.deepEqual(candidates('x.y', conf), ['x.y.a.test', 'x.y.b.test', 'x.y'])
    assert.deepEqual(candidates('x.y.', conf), ['x.y'])
  })
})
