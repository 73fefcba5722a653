import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { authority, noOpenssl } from '../../../../test/support/certificates.ts'
import { startHttpServer } from '../../../../test/support/http-server.ts'
import { optionsOf } from '../../../config/options.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { MainScope } from '../../main-service.ts'
import { asQuestion, keySource } from './key-source.ts'
import { keyService } from './service.ts'

const KEYS = '{"keys":[{"kid":"a","kty":"oct","k":"AAAA"}]}'

async function started(options: JsonObject) {
  const warnings: string[] = []
  const log = { warning: (...words: unknown[]) => void warnings.push(words.join(' ')) }
  const extraConfig = { 'auth/validator': { alg: 'HS256', ...options } }
  const config = { endpoints: [{ index: 0, extraConfig }] }
  const service = await keyService.start({ config, log } as unknown as MainScope)
  const source = keySource(optionsOf(options, 'here'))
  const question =
    source.kind === 'remote'
      ? { source: asQuestion(source), strategy: 'kid', id: 'a', maxAgeMs: 0, cooldownMs: 0 }
      : {}
  return {
    ask: async () => service?.answer?.(question),
    warnings,
    [Symbol.asyncDispose]: async () => service?.close?.(),
  }
}

describe('the service that fetches key sets', () => {
  it('does not run where no key set is fetched', async () => {
    const config = { endpoints: [{ index: 0, extraConfig: {} }] }
    assert.equal(await keyService.start({ config } as unknown as MainScope), undefined)
  })

  it('sends what KrakenD sends, follows redirects and unpacks', async () => {
    const seen: IncomingHttpHeaders[] = []
    await using server = await startHttpServer((request, response) => {
      seen.push(request.headers)
      if (request.url === '/old') return response.writeHead(302, { Location: '/new' }).end()
      response.writeHead(500, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
      response.end(gzipSync(KEYS))
    })
    await using service = await started({
      jwk_url: `${server.url}/old`,
      disable_jwk_security: true,
    })
    assert.ok(await service.ask())
    const { host, connection, ...sent } = seen[0] ?? {}
    assert.deepEqual(sent, { 'user-agent': 'KrakenD Version 2.13.8', 'accept-encoding': 'gzip' })
    assert.equal(seen.length, 2)
  })

  it('fails in words for what is no key set', async () => {
    const answers: Record<string, [string, string | Buffer]> = {
      '/html': ['text/html', KEYS],
      '/broken': ['application/json', '{'],
      '/none': ['application/json', '{"keys":[]}'],
      '/list': ['application/json', '[]'],
      '/odd': ['application/json', '{"keys":[1]}'],
      '/large': ['application/json', `{"keys":["${'x'.repeat(2 << 20)}"]}`],
    }
    await using server = await startHttpServer((request, response) => {
      const [type, body] = answers[request.url ?? ''] ?? ['', '']
      response.setHeader('Content-Type', type)
      response.end(body)
    })
    for (const [at, reason] of [
      ['/html', /JSON content type/],
      ['/broken', /no JSON/],
      ['/none', /holds no key/],
      ['/list', /no list of keys/],
      ['/odd', /key 0 of the set is no object/],
      ['/large', /larger than/],
    ] as const) {
      await using service = await started({
        jwk_url: `${server.url}${at}`,
        disable_jwk_security: true,
      })
      await assert.rejects(service.ask(), reason)
    }
  })

  it('trusts the certificates it is told to', { skip: noOpenssl }, async (t) => {
    using own = authority()
    const { cert, key } = own.issue('server', ['127.0.0.1'])
    const server = createServer({ cert: cert + own.ca.cert, key }, (_request, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.end(KEYS)
    }).listen(0, '127.0.0.1')
    t.after(() => {
      server.close()
      server.closeAllConnections()
    })
    await once(server, 'listening')
    const jwk_url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const pinOf = (pem: string) =>
      createHash('sha256')
        .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
        .digest('base64url')
    const attempt = async (options: JsonObject): Promise<string> => {
      await using service = await started({ jwk_url, ...options })
      return await service.ask().then(
        () => 'trusted',
        (error: Error) => error.message,
      )
    }
    const jwk_local_ca = own.ca.certFile
    const other = Buffer.alloc(32, 1).toString('base64url')
    assert.match(await attempt({}), /certificate/)
    assert.equal(await attempt({ jwk_local_ca }), 'trusted')
    process.env['SSL_CERT_FILE'] = jwk_local_ca
    assert.equal(await attempt({}), 'trusted', 'as everybody on this machine does')
    delete process.env['SSL_CERT_FILE']
    assert.equal(await attempt({ disable_jwk_security: true }), 'trusted')
    assert.equal(await attempt({ jwk_local_ca, jwk_fingerprints: [pinOf(cert)] }), 'trusted')
    assert.equal(
      await attempt({ jwk_local_ca, jwk_fingerprints: [other, pinOf(own.ca.cert)] }),
      'trusted',
    )
    assert.match(await attempt({ jwk_local_ca, jwk_fingerprints: [other] }), /pinned key/)
    const insecure = { disable_jwk_security: true, jwk_fingerprints: [other] }
    assert.match(await attempt(insecure), /pinned key/)
  })
})
