import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { getCACertificates } from 'node:tls'

/** Where Linux distributions keep the certificates they trust, in the order in which Go looks. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * The authorities that this machine trusts: `SSL_CERT_FILE` and `SSL_CERT_DIR`, the distribution's file, or the
 * list that comes with Node where there is none; and `NODE_EXTRA_CA_CERTS`.
 */
export function trustedCas(env: NodeJS.ProcessEnv): string[] {
  const file = env['SSL_CERT_FILE'] || ''
  const folder = env['SSL_CERT_DIR'] || ''
  const named = [...texts(file === '' ? [] : [file]), ...texts(filesIn(folder))]
  const system = named.length > 0 ? named : texts(SYSTEM_FILES).slice(0, 1)
  return [
    ...(system.length > 0 ? system : getCACertificates('bundled')),
    ...getCACertificates('extra'),
  ]
}

function texts(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    try {
      const text = readFileSync(file, 'utf8')
      return text.includes('-----BEGIN CERTIFICATE-----') ? [text] : []
    } catch {
      // Not this distribution's place.
      return []
    }
  })
}

function filesIn(folder: string): string[] {
  try {
    return folder === '' ? [] : readdirSync(folder).map((name) => path.join(folder, name))
  } catch {
    // A folder that is not there adds nothing, as with OpenSSL and Go.
    return []
  }
}
