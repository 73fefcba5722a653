import assert from 'node:assert/strict'
import { createCipheriv, hash } from 'node:crypto'
import { optionsOf } from '../../internal/config/options.ts'
import { keySource } from '../../internal/features/auth/jwk/key-source.ts'
import { sealedKeys } from '../../internal/features/auth/jwk/sealed-keys.ts'
import type { JsonObject } from '../../internal/pipe/pipe.ts'
import type { Logger } from '../../internal/telemetry/log.ts'
import { fileOf } from './tokens.ts'

/** What opens the key file, once a service has opened it in turn. */
export const PLAIN_KEY = Buffer.from('the key that opens the file')
/** What the file holds. */
export const KEYS = '{"keys":[{"kid":"a","kty":"oct","k":"AAAA"}]}'

/** As KrakenD's tool seals a key file. */
export function sealedFile(content: string): Buffer {
  const nonce = Buffer.alloc(12, 7)
  const key = Buffer.from(hash('md5', PLAIN_KEY, 'hex'), 'latin1')
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

export type SealedKeyFile = {
  readonly secretUrl: string
  readonly cypherKey: Buffer
  readonly content?: string
  readonly env?: Readonly<Record<string, string>>
  readonly limitMs?: number
}

/** Opens a sealed key file with the environment's variables: its keys, what must never be printed, and warnings. */
export async function openedKeyFile({
  secretUrl,
  cypherKey,
  content = KEYS,
  env = {},
  limitMs = 5_000,
}: SealedKeyFile): Promise<{ keys: JsonObject[]; secrets: string[]; warnings: string[] }> {
  using file = fileOf('keys.sealed', sealedFile(content))
  const named = { jwk_local_path: file.file, disable_jwk_security: true, secret_url: secretUrl }
  const options = optionsOf({ ...named, cypher_key: cypherKey.toString('base64') }, 'here')
  const source = keySource(options)
  assert.equal(source.kind, 'sealed')
  const secrets: string[] = []
  const warnings: string[] = []
  const log = { warning: (text: string) => warnings.push(text) } as unknown as Logger
  const before = { ...process.env }
  Object.assign(process.env, env)
  try {
    const secret = (one: string) => secrets.push(one)
    const keys = await sealedKeys(source, options, { secret, log, limitMs })
    return { keys, secrets, warnings }
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
