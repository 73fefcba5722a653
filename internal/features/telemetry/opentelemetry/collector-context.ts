import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { Signal } from '../../../telemetry/otlp/sender.ts'
import { readCertificates, readKeyPair } from '../../../tls/pem.ts'
import { trustingContext } from '../../../tls/trusting-context.ts'

const PREFIX = 'OTEL_EXPORTER_OTLP_'

/**
 * TLS to collectors, by OpenTelemetry's variables: who is trusted instead of this machine's authorities, and the
 * certificate that is shown; those of one signal stand before those of all. Throws a `ConfigError` that names the
 * variable whose file cannot be used. https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function collectorContext(env: NodeJS.ProcessEnv, signal: Signal): SecureContext {
  const trusted = fileOf(env, signal, 'CERTIFICATE')
  const own = ownCertificate(env, signal)
  if (trusted.file === '') return trustingContext([], own)
  return createSecureContext({ ...own, ca: readCertificates(trusted.file, trusted.name) })
}

/** Whether some file is meant for one signal only. */
export function differBySignal(env: NodeJS.ProcessEnv): boolean {
  const names = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY']
  return names.some(
    (name) => fileOf(env, 'traces', name).file !== fileOf(env, 'metrics', name).file,
  )
}

function ownCertificate(env: NodeJS.ProcessEnv, signal: Signal): SecureContextOptions {
  const certificate = fileOf(env, signal, 'CLIENT_CERTIFICATE')
  const privateKey = fileOf(env, signal, 'CLIENT_KEY')
  if (certificate.file === '' && privateKey.file === '') return {}
  const { cert, key } = readKeyPair(
    { cert: certificate.file, key: privateKey.file },
    { cert: certificate.name, key: privateKey.name },
  )
  return { cert, key }
}

function fileOf(env: NodeJS.ProcessEnv, signal: Signal, what: string) {
  const own = `${PREFIX}${signal.toUpperCase()}_${what}`
  const name = env[own] ? own : `${PREFIX}${what}`
  return { name, file: env[name] || '' }
}
