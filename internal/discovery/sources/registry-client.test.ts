import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { authority, noOpenssl } from '../../../test/support/certificates.ts'
import { registryClient } from './registry-client.ts'

describe('a registry over https', { skip: noOpenssl }, async () => {
  if (noOpenssl !== false) return
  const ours = authority()
  const { cert, key } = ours.issue('server', ['127.0.0.1'])
  const server = createServer({ cert, key }, (_request, response) => response.end('here'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.close()
    server.closeAllConnections()
    ours[Symbol.dispose]()
  })
  const members = [`https://127.0.0.1:${(server.address() as AddressInfo).port}`]

  async function ask(tls: { readonly caFile?: string } = {}): Promise<string> {
    const client = registryClient({ members, tls })
    try {
      return (await client.call({ path: '/' }, AbortSignal.timeout(5000))).text
    } finally {
      await client.close()
    }
  }

  it('is trusted by the authority of its options, and by nobody without one', async () => {
    assert.equal(await ask({ caFile: ours.ca.certFile }), 'here')
    await assert.rejects(ask(), { failure: 'unreachable' })
  })

  it('is trusted where this machine trusts its authority', async (test) => {
    const before = process.env['SSL_CERT_FILE']
    test.after(() => {
      if (before === undefined) delete process.env['SSL_CERT_FILE']
      else process.env['SSL_CERT_FILE'] = before
    })
    process.env['SSL_CERT_FILE'] = ours.ca.certFile
    assert.equal(await ask(), 'here')
  })

  it('cannot be reached by files that are no certificates', async () => {
    const caFile = path.join(ours.dir, 'broken.pem')
    writeFileSync(caFile, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n')
    await assert.rejects(ask({ caFile }), { failure: 'unreachable' })
  })
})
