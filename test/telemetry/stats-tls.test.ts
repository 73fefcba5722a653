import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { TLSSocketOptions } from 'node:tls'
import { authority, noOpenssl } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { startGateway } from '../support/start-gateway.ts'

type ClientTls = TLSSocketOptions & { readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3' }
type Asked = { readonly port: number; readonly ca: string; readonly path?: string }

async function get({ port, ca, path = '/' }: Asked, options: ClientTls): Promise<void> {
  const request = https.get({ host: '127.0.0.1', port, path, ca, agent: false, ...options })
  const [response] = await once(request, 'response')
  await text(response)
}

async function getByHttp2({ port, ca }: Asked, options: ClientTls): Promise<void> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { ca, ...options })
  await text(session.request({ ':path': '/' }))
  await new Promise<void>((closed) => session.close(closed))
}

describe('/__stats of a TLS listener', { skip: noOpenssl }, () => {
  // Names and counts as KrakenD 2.13.8 printed them for the same requests.
  it('counts requests of endpoints by version and cipher, of HTTP/1.1 and HTTP/2 in all threads', async () => {
    using files = authority()
    const { certFile, keyFile } = files.issue('server', ['127.0.0.1'], 'rsa')
    const statsPort = await freePort()
    await using gateway = await startGateway(
      {
        tls: { keys: [{ public_key: certFile, private_key: keyFile }], min_version: 'TLS12' },
        extra_config: { 'telemetry/metrics': { listen_address: `127.0.0.1:${statsPort}` } },
        endpoints: [
          { endpoint: '/', backend: [{ host: ['http://127.0.0.1:10'], url_pattern: '/' }] },
        ],
      },
      { workers: 2 },
    )
    const asked = { port: gateway.port, ca: files.ca.cert }
    const old = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' } as const
    const current = { ciphers: 'TLS_AES_128_GCM_SHA256' }
    for (const options of [old, current, current]) await get(asked, options)
    await getByHttp2(asked, current)
    await get({ ...asked, path: '/__health' }, current)
    await get({ ...asked, path: '/missing' }, current)

    const counted = async () => {
      const page = await fetch(`http://127.0.0.1:${statsPort}/__stats`)
      const numbers = (await page.json()) as Record<string, number>
      const prefix = 'krakend.router.tls_'
      return Object.entries(numbers)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, count]) => [name.slice(prefix.length), count] as const)
    }
    await eventually('four requests are counted', async () => {
      const versions = (await counted()).filter(([name]) => name.startsWith('version.'))
      return versions.reduce((sum, [, count]) => sum + count, 0) >= 4
    })
    assert.deepEqual(Object.fromEntries(await counted()), {
      'version.VersionTLS12.count': 1,
      'version.VersionTLS13.count': 3,
      'cipher.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256.count': 1,
      'cipher.TLS_AES_128_GCM_SHA256.count': 3,
    })
  })
})
