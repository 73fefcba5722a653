import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { authority, noOpenssl } from '../../../../test/support/certificates.ts'
import { startFakeZooKeeper } from '../../../../test/support/fake-zookeeper.ts'
import { scope } from '../../../../test/support/source-scope.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { zookeeperSource } from './zookeeper.ts'

const signal = () => AbortSignal.timeout(5000)

describe('zookeeper over TLS', { skip: noOpenssl }, () => {
  if (noOpenssl !== false) return
  const ours = authority()
  const other = authority()
  after(() => {
    ours[Symbol.dispose]()
    other[Symbol.dispose]()
  })
  const server = ours.issue('server', ['127.0.0.1'])
  const client = ours.issue('client', ['gateway'])
  const files = { ca_file: ours.ca.certFile }
  const own = { cert_file: client.certFile, key_file: client.keyFile }

  async function start(more: object = {}, pair = server) {
    const fake = await startFakeZooKeeper({ cert: pair.cert, key: pair.key, ...more })
    fake.put('/services/orders/10.0.0.1:1', '')
    const ask = async (options: JsonObject) => {
      const source = zookeeperSource({ servers: fake.address, ...options }, scope())
      try {
        const { instances } = await source.ask('orders', signal())
        return instances.length
      } finally {
        await source.close?.()
      }
    }
    return { fake, ask, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() }
  }

  it('trusts the authority it is told, and no other', async () => {
    await using one = await start()
    assert.equal(await one.ask(files), 1)
    await assert.rejects(one.ask({ ca_file: other.ca.certFile }), { failure: 'unreachable' })
    await assert.rejects(one.ask({ tls: true }), { failure: 'unreachable' })
    await assert.rejects(one.ask({}), { failure: 'unreachable' })
  })

  it('takes no certificate of another name', async () => {
    await using one = await start({}, ours.issue('elsewhere', ['zookeeper.test']))
    await assert.rejects(one.ask(files), /altnames/)
  })

  it('shows its own certificate where one is wanted', async () => {
    await using one = await start({ requestCert: true, rejectUnauthorized: true, ca: ours.ca.cert })
    assert.equal(await one.ask({ ...files, ...own }), 1)
    await assert.rejects(one.ask(files), { failure: 'unreachable' })
  })

  it('reads files that changed for the next session', async () => {
    const caFile = path.join(ours.dir, 'current.pem')
    copyFileSync(other.ca.certFile, caFile)
    await using one = await start()
    const source = zookeeperSource({ servers: one.fake.address, ca_file: caFile }, scope())
    await assert.rejects(source.ask('orders', signal()), { failure: 'unreachable' })
    writeFileSync(caFile, ours.ca.cert)
    assert.equal((await source.ask('orders', signal())).instances.length, 1)
    await source.close?.()
  })

  it('says which file cannot be used, and comes back with it', async () => {
    const caFile = path.join(ours.dir, 'late.pem')
    await using one = await start()
    const broken = { ca_file: caFile, ...own }
    await assert.rejects(one.ask(broken), /cannot read .*late\.pem: ENOENT/)
    copyFileSync(ours.ca.certFile, caFile)
    assert.equal(await one.ask(broken), 1)
    await assert.rejects(one.ask({ ...files, cert_file: client.certFile, key_file: caFile }), {
      message: /TLS files cannot be used/,
    })
  })

  it('refuses half a pair, and files without TLS', () => {
    const refused = (options: JsonObject, key: RegExp) =>
      assert.throws(() => zookeeperSource(options, scope()), key)
    refused({ cert_file: 'a' }, /discovery\/zookeeper"\.key_file/)
    refused({ tls: true, key_file: 'a' }, /discovery\/zookeeper"\.cert_file/)
    refused({ tls: false, ca_file: 'a' }, /discovery\/zookeeper"\.tls/)
  })
})
