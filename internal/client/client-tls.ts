import { createSecureContext, type SecureContext } from 'node:tls'
import type { ClientTlsConfig } from '../config/types.ts'
import { ConfigError } from '../errors.ts'
import { readCertificates, readKeyPair } from '../tls/pem.ts'
import { protocolOptions } from '../tls/protocol.ts'
import { trustedCas } from '../tls/trusted-cas.ts'

/** TLS towards upstreams. */
export type ClientTls = {
  readonly verifies: boolean
  /** Made once, when the first upstream wants TLS: reading a machine's authorities takes time and memory. */
  context(): SecureContext
}

/**
 * Reads `client_tls`. Throws a `ConfigError` that names the file that cannot be used. Without the block: this
 * machine's authorities and OpenSSL's versions and ciphers.
 */
export function clientTls(config: ClientTlsConfig | undefined): ClientTls {
  if (config === undefined) return { verifies: true, context: once(() => contextOf({}, trusted())) }
  const cas = config.caCerts.map((file, at) => readCertificates(file, `client_tls.ca_certs[${at}]`))
  const pairs = config.clientCerts.map(({ certificate, privateKey }, at) =>
    readKeyPair(
      { cert: certificate, key: privateKey },
      {
        cert: `client_tls.client_certs[${at}].certificate`,
        key: `client_tls.client_certs[${at}].private_key`,
      },
    ),
  )
  const options = {
    ...protocolOptions(config, 'client_tls'),
    ...(pairs.length > 0
      ? { cert: pairs.map(({ cert }) => cert), key: pairs.map(({ key }) => key) }
      : {}),
  }
  // A block that cannot work stops the start, not the first call.
  contextOf(options, cas)
  return {
    verifies: !config.allowInsecureConnections,
    context: once(() =>
      contextOf(options, [...(config.disableSystemCaPool ? [] : trusted()), ...cas]),
    ),
  }
}

const trusted = (): string[] => trustedCas(process.env)

function contextOf(options: object, ca: readonly string[]): SecureContext {
  try {
    return createSecureContext({ ...options, ca: [...ca] })
  } catch (error) {
    throw new ConfigError((error as Error).message, { path: 'client_tls' })
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
