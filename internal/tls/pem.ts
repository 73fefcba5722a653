import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError } from '../errors.ts'

/** A certificate with its key, as text and parsed. */
export type KeyPair = {
  readonly cert: string
  readonly key: string
  readonly leaf: X509Certificate
  readonly keyType: string
}

/** A file's text. Throws a `ConfigError` that names file and place. */
export function readPem(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`cannot read ${file}: ${(error as Error).message}`, { path })
  }
}

/** A file of certificates. Throws a `ConfigError` when it holds none or a broken one. */
export function readCertificates(file: string, path: string): string {
  const text = readPem(file, path)
  const blocks = text.match(CERTIFICATE) ?? []
  if (blocks.length === 0) throw new ConfigError(`${file} holds no certificate`, { path })
  for (const block of blocks) parseCertificate(block, file, path)
  return text
}
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** A certificate and its private key, which must belong together. */
export function readKeyPair(
  files: { readonly cert: string; readonly key: string },
  paths: { readonly cert: string; readonly key: string },
): KeyPair {
  const cert = readCertificates(files.cert, paths.cert)
  const key = readPem(files.key, paths.key)
  const leaf = parseCertificate(cert, files.cert, paths.cert)
  const parsed = parseKey(key, files.key, paths.key)
  if (!leaf.checkPrivateKey(parsed))
    throw new ConfigError(`${files.key} is not the private key of ${files.cert}`, {
      path: paths.key,
    })
  return { cert, key, leaf, keyType: parsed.asymmetricKeyType ?? '' }
}

function parseCertificate(text: string, file: string, path: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch (error) {
    throw new ConfigError(`${file} holds a broken certificate: ${(error as Error).message}`, {
      path,
    })
  }
}

function parseKey(text: string, file: string, path: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch (error) {
    throw new ConfigError(`${file} holds no usable private key: ${(error as Error).message}`, {
      path,
    })
  }
}
