import { createDecipheriv, hash } from 'node:crypto'
import type { Options } from '../../../config/options.ts'
import { openSecretBox } from './secret-box.ts'

const BOX_NONCE_BYTES = 24
const GCM_NONCE_BYTES = 12
const GCM_TAG_BYTES = 16

/** `cypher_key`, still closed. Throws a `ConfigError` when there is none. */
export function cipherKeyOf(options: Options): Buffer {
  const written = options.text('cypher_key')
  if (written === '')
    throw options.wrong('cypher_key', 'is missing: secret_url opens nothing without')
  return Buffer.from(written, 'base64')
}

/** Opens `cypher_key` with a key at hand. Throws a `ConfigError` when it does not fit. */
export function openCipherKey(boxed: Buffer, secretKey: Buffer, options: Options): Buffer {
  const nonce = boxed.subarray(0, BOX_NONCE_BYTES)
  const plainKey = openSecretBox(boxed.subarray(BOX_NONCE_BYTES), nonce, secretKey)
  if (plainKey !== undefined) return plainKey
  throw options.wrong('cypher_key', 'cannot be decrypted with the key of secret_url')
}

/**
 * Opens an encrypted `jwk_local_path`. AES-256-GCM; the key is the MD5 of the opened one in hexadecimal, as KrakenD
 * makes it. Throws a `ConfigError` when the file was sealed with another.
 */
export function openSealed(file: Buffer, plainKey: Buffer, options: Options): Buffer {
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
