import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { connect, createServer, type SecureContext, type TLSSocket } from 'node:tls'
import { authority, noOpenssl } from '../../../../test/support/certificates.ts'
import { ConfigError } from '../../../errors.ts'
import { collectorContext } from './collector-context.ts'
import { collectorSender } from './collector-sender.ts'
import { exportersOf } from './exporters.ts'

/** Whoever has no certificate is let in as well. */
const ASKING = { requestCert: true, rejectUnauthorized: false }

describe('TLS to collectors', { skip: noOpenssl }, () => {
  it('trusts the named authority alone, and shows its own certificate', async (t) => {
    using files = authority()
    const { cert, key } = files.issue('server', ['127.0.0.1'])
    const own = files.issue('client', ['client.test'])
    const server = createServer({ cert, key, ca: files.ca.cert, ...ASKING }, (socket) =>
      socket.end(socket.authorized ? 'known' : 'nobody'),
    ).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const greeting = async (secureContext: SecureContext): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port, secureContext })
      return await once(socket, 'data').then(String, (error: NodeJS.ErrnoException) =>
        String(error.code),
      )
    }
    const trusting = { OTEL_EXPORTER_OTLP_CERTIFICATE: files.ca.certFile }
    assert.equal(await greeting(collectorContext({}, 'traces')), 'SELF_SIGNED_CERT_IN_CHAIN')
    assert.equal(await greeting(collectorContext(trusting, 'traces')), 'nobody')
    const named = {
      ...trusting,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: own.certFile,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: own.keyFile,
    }
    assert.equal(await greeting(collectorContext(named, 'metrics')), 'known')
  })

  it('takes the files of one signal before those of all', async (t) => {
    using files = authority()
    const { cert, key } = files.issue('server', ['127.0.0.1'])
    const own = files.issue('client', ['client.test'])
    const heard: string[] = []
    const server = createHttpsServer(
      { cert, key, ca: files.ca.cert, ...ASKING },
      (call, answer) => {
        heard.push(`${call.url} ${(call.socket as TLSSocket).authorized ? 'known' : 'nobody'}`)
        answer.end()
      },
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const env = {
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/ca.pem',
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: files.ca.certFile,
      OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: files.ca.certFile,
      OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: own.certFile,
      OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: own.keyFile,
    }
    const exporters = { otlp: [{ name: 'c', host: 'https://127.0.0.1', port, use_http: true }] }
    const [exporter] = exportersOf(exporters, 'exporters', 30).otlp
    assert.ok(exporter !== undefined)
    const sender = collectorSender(exporter, env, () => ({}))
    t.after(() => {
      sender.close()
      server.close()
    })
    for (const signal of ['traces', 'metrics'] as const)
      assert.deepEqual(await sender.send(signal, Buffer.from('')), { outcome: 'done' })
    assert.deepEqual(heard, ['/v1/traces nobody', '/v1/metrics known'])
  })

  it('stops the start with the variable whose file cannot be used', () => {
    using files = authority()
    const [one, other] = ['one', 'other'].map((name) => files.issue(name, ['a.test']))
    const wrong = (env: NodeJS.ProcessEnv, pattern: RegExp) =>
      assert.throws(
        () => collectorContext(env, 'metrics'),
        (error) => error instanceof ConfigError && pattern.test(error.message),
      )
    wrong({ OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/ca.pem' }, /^OTEL_EXPORTER_OTLP_CERTIFICATE: /)
    const cert = { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: one?.certFile }
    wrong(cert, /^OTEL_EXPORTER_OTLP_CLIENT_KEY: cannot read/)
    wrong(
      { OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: '/no/ca.pem' },
      /^OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: /,
    )
    wrong(
      { ...cert, OTEL_EXPORTER_OTLP_CLIENT_KEY: other?.keyFile },
      /^OTEL_EXPORTER_OTLP_CLIENT_KEY: .* is not the private key/,
    )
  })
})
