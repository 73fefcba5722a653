import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { readCertificates, readKeyPair } from '../../../tls/pem.ts'
import { trustingContext } from '../../../tls/trusting-context.ts'

const TRUSTED = 'OTEL_EXPORTER_OTLP_CERTIFICATE'
const OWN_CERTIFICATE = 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'
const OWN_KEY = 'OTEL_EXPORTER_OTLP_CLIENT_KEY'

/**
 * TLS to collectors, by OpenTelemetry's variables: who is trusted instead of this machine's authorities, and the
 * certificate that is shown. Throws a `ConfigError` that names the variable whose file cannot be used.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function collectorContext(env: NodeJS.ProcessEnv): SecureContext {
  const trusted = env[TRUSTED] || ''
  const own = ownCertificate(env)
  if (trusted === '') return trustingContext([], own)
  return createSecureContext({ ...own, ca: readCertificates(trusted, TRUSTED) })
}

function ownCertificate(env: NodeJS.ProcessEnv): SecureContextOptions {
  const files = { cert: env[OWN_CERTIFICATE] || '', key: env[OWN_KEY] || '' }
  if (files.cert === '' && files.key === '') return {}
  const { cert, key } = readKeyPair(files, { cert: OWN_CERTIFICATE, key: OWN_KEY })
  return { cert, key }
}
