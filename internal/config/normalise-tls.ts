import type { ClientTlsDocument, RootDocument, ServerTlsDocument } from './document.ts'
import { cipherName, curveName, tlsVersion } from './tls-names.ts'
import type { ClientTlsConfig, ServerTlsConfig, TlsVersion } from './types.ts'

/** What KrakenD takes when a version is absent or unknown. */
const NEWEST: TlsVersion = 'TLSv1.3'

/** The listener's TLS; `undefined` when the document has none. */
export function normaliseServerTls(
  tls: ServerTlsDocument | undefined,
): ServerTlsConfig | undefined {
  if (tls === undefined) return undefined
  const legacy =
    tls.public_key || tls.private_key
      ? [{ public_key: tls.public_key, private_key: tls.private_key }]
      : []
  return {
    disabled: tls.disabled ?? false,
    keys: [...(tls.keys ?? []), ...legacy].map((pair) => ({
      publicKey: pair.public_key ?? '',
      privateKey: pair.private_key ?? '',
    })),
    caCerts: tls.ca_certs ?? [],
    ...versions(tls),
    curves: names(tls.curve_preferences, curveName),
    ciphers: names(tls.cipher_suites, cipherName),
    enableMtls: tls.enable_mtls ?? false,
    disableSystemCaPool: tls.disable_system_ca_pool ?? false,
  }
}

/** TLS towards upstreams; the old root key `allow_insecure_connections` switches it on as well. */
export function normaliseClientTls(root: RootDocument): ClientTlsConfig | undefined {
  const isInsecure = root.allow_insecure_connections ?? false
  const tls: ClientTlsDocument | undefined = root.client_tls ?? (isInsecure ? {} : undefined)
  if (tls === undefined) return undefined
  return {
    allowInsecureConnections: isInsecure || (tls.allow_insecure_connections ?? false),
    caCerts: tls.ca_certs ?? [],
    disableSystemCaPool: tls.disable_system_ca_pool ?? false,
    ...versions(tls),
    curves: names(tls.curve_preferences, curveName),
    ciphers: names(tls.cipher_suites, cipherName),
    clientCerts: (tls.client_certs ?? []).map((pair) => ({
      certificate: pair.certificate ?? '',
      privateKey: pair.private_key ?? '',
    })),
  }
}

function versions(tls: ClientTlsDocument | ServerTlsDocument): {
  minVersion: TlsVersion
  maxVersion: TlsVersion
} {
  return {
    minVersion: tlsVersion(tls.min_version ?? '') ?? NEWEST,
    maxVersion: tlsVersion(tls.max_version ?? '') ?? NEWEST,
  }
}

function names(
  ids: readonly number[] | undefined,
  nameOf: (id: number) => string | undefined,
): string[] {
  return (ids ?? []).map(nameOf).filter((name) => name !== undefined)
}
