import { createDecipheriv, hash } from 'node:crypto'
import type { Options } from '../options.ts'
import { openSecretBox } from './secret-box.ts'

/** Key services that need an SDK and an account of their own. */
const CLOUD_SERVICES: Readonly<Record<string, string>> = {
  awskms: 'AWS KMS',
  azurekeyvault: 'Azure Key Vault',
  gcpkms: 'Google Cloud KMS',
  hashivault: 'HashiCorp Vault',
}
const BOX_NONCE_BYTES = 24
const GCM_NONCE_BYTES = 12
const GCM_TAG_BYTES = 16
const SECRET_KEY_BYTES = 32

/**
 * Opens an encrypted `jwk_local_path`: the service at `secret_url` opens `cypher_key`, and that opens the file.
 * Throws a `ConfigError` that names what is missing or does not fit.
 */
export function openSealed(file: Buffer, options: Options): Buffer {
  const cipherKey = options.text('cypher_key')
  if (cipherKey === '')
    throw options.wrong('cypher_key', 'is missing: secret_url opens nothing without')
  const boxed = Buffer.from(cipherKey, 'base64')
  const nonce = boxed.subarray(0, BOX_NONCE_BYTES)
  const plainKey = openSecretBox(boxed.subarray(BOX_NONCE_BYTES), nonce, secretKey(options))
  if (plainKey === undefined)
    throw options.wrong('cypher_key', 'cannot be decrypted with the key of secret_url')
  return opened(file, plainKey, options)
}

function secretKey(options: Options): Buffer {
  const url = options.text('secret_url')
  const [, driver = '', rest = ''] = /^([a-z0-9]+):\/\/(.*)$/s.exec(url) ?? []
  const cloud = Object.hasOwn(CLOUD_SERVICES, driver) ? CLOUD_SERVICES[driver] : undefined
  if (cloud !== undefined)
    throw options.wrong('secret_url', `${cloud} is not supported`, 'base64key://<32 bytes, base64>')
  const key = Buffer.from(rest, 'base64')
  if (driver !== 'base64key' || key.length !== SECRET_KEY_BYTES)
    throw options.wrong('secret_url', 'no key in it', 'base64key://<32 bytes, base64>')
  return key
}

/** AES-256-GCM; the key is the MD5 of the opened one in hexadecimal, as KrakenD makes it. */
function opened(file: Buffer, plainKey: Buffer, options: Options): Buffer {
  const wrong = () =>
    options.wrong('jwk_local_path', 'the file cannot be decrypted with cypher_key')
  if (file.length < GCM_NONCE_BYTES + GCM_TAG_BYTES) throw wrong()
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(hash('md5', plainKey, 'hex'), 'latin1'),
    file.subarray(0, GCM_NONCE_BYTES),
  )
  decipher.setAuthTag(file.subarray(-GCM_TAG_BYTES))
  try {
    const sealed = file.subarray(GCM_NONCE_BYTES, -GCM_TAG_BYTES)
    return Buffer.concat([decipher.update(sealed), decipher.final()])
  } catch {
    throw wrong()
  }
}
