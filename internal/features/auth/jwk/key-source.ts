import { readFileSync } from 'node:fs'
import type { Options } from '../../../config/options.ts'
import type { ConfigError } from '../../../errors.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import { cipherNames } from './cipher-suites.ts'
import { cipherKeyOf, openCipherKey, openSealed } from './sealed-file.ts'
import type { OpenSecret } from './secret-address.ts'
import { secretService } from './secret-service.ts'

/** Where keys are fetched, as data: the main thread opens it. Two that are equal are one source. */
export type RemoteSource = {
  readonly url: string
  /** Neither https nor a certificate is asked for. */
  readonly isInsecure: boolean
  /** SHA-256 of public keys, base64url: one certificate of the chain must carry one of them. Empty: any. */
  readonly fingerprints: readonly string[]
  /** PEM; `''`: the system's authorities alone. */
  readonly ca: string
  /** OpenSSL names; `''`: the default. */
  readonly ciphers: string
}
/** An encrypted key file that only a service can open: the main thread asks it once, at the start. */
export type SealedSource = {
  readonly file: string
  readonly secretUrl: string
  /** Base64. */
  readonly cypherKey: string
}
export type SealedKeySource = {
  readonly kind: 'sealed'
  readonly sealed: SealedSource
  readonly open: OpenSecret
}
export type KeySource =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | SealedKeySource
  | { readonly kind: 'remote'; readonly remote: RemoteSource }

/** SHA-256 */
const FINGERPRINT_BYTES = 32
const BASE64URL = /^[A-Za-z0-9_-]+={0,2}$/

/**
 * Where the options of a validator or signer say the keys are. Throws a `ConfigError` for a source that cannot be
 * read, or that KrakenD would refuse to use: it would answer 401 for ever.
 */
export function keySource(options: Options): KeySource {
  const file = options.text('jwk_local_path')
  const url = options.text('jwk_url')
  const isInsecure = options.flag('disable_jwk_security')
  if (file === '' && url === '')
    throw options.wrong('jwk_url', 'no keys: neither jwk_url nor jwk_local_path is set')
  if (!isInsecure && !url.startsWith('https://')) throw insecure(options, file)
  const remote = remoteSource(options, url, isInsecure)
  if (file !== '') return fileSource(options, file)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw options.wrong('jwk_url', `no http URL: ${JSON.stringify(url)}`)
  return { kind: 'remote', remote }
}

function remoteSource(options: Options, url: string, isInsecure: boolean): RemoteSource {
  return {
    url,
    isInsecure,
    fingerprints: options.texts('jwk_fingerprints').map((text, at) => {
      const digest = BASE64URL.test(text) ? Buffer.from(text, 'base64url') : Buffer.alloc(0)
      if (digest.length === FINGERPRINT_BYTES) return digest.toString('base64url')
      throw options.wrong(`jwk_fingerprints[${at}]`, 'no SHA-256 in base64url')
    }),
    ca: pem(options),
    ciphers: cipherNames(options),
  }
}

/** A source as data that crosses threads. */
export const asQuestion = (source: Exclude<KeySource, { kind: 'file' }>): JsonObject =>
  source.kind === 'sealed'
    ? { ...source.sealed }
    : { ...source.remote, fingerprints: [...source.remote.fingerprints] }

function insecure(options: Options, file: string): ConfigError {
  return options.wrong(
    file === '' ? 'jwk_url' : 'jwk_local_path',
    file === ''
      ? 'plain http to the key set needs "disable_jwk_security": true'
      : 'a local key file needs "disable_jwk_security": true, as in KrakenD',
  )
}

function fileSource(options: Options, file: string): KeySource {
  const bytes = readKeyFile(options, 'jwk_local_path', file)
  if (!options.has('secret_url')) return { kind: 'file', file, text: bytes.toString('utf8') }
  const service = secretService(options)
  const cipherKey = cipherKeyOf(options)
  if (service.kind === 'local') {
    const plainKey = openCipherKey(cipherKey, service.key, options)
    return { kind: 'file', file, text: openSealed(bytes, plainKey, options).toString('utf8') }
  }
  const secretUrl = options.text('secret_url')
  const sealed = { file, secretUrl, cypherKey: cipherKey.toString('base64') }
  return { kind: 'sealed', sealed, open: service.open }
}

function pem(options: Options): string {
  const file = options.text('jwk_local_ca')
  if (file === '') return ''
  const text = readKeyFile(options, 'jwk_local_ca', file).toString('utf8')
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw options.wrong('jwk_local_ca', `${file} holds no certificate in PEM`)
  return text
}

/** A file that options name. Throws a `ConfigError` when it cannot be read. */
export function readKeyFile(options: Options, key: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw options.wrong(key, `cannot read ${file}: ${(error as Error).message}`)
  }
}
