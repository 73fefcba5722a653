import { readFileSync } from 'node:fs'
import { type FetchTls, smallFetch } from '../../../client/small-fetch.ts'
import { objectIn } from '../../../cloud/object-in.ts'
import type { Options } from '../../../config/options.ts'
import { goBoolean } from '../../../pipe/go-boolean.ts'
import { isObject } from '../../../pipe/is-object.ts'
import {
  type OpenSecret,
  onlyParameters,
  type SecretAccess,
  type SecretAddress,
} from './secret-address.ts'

const USUAL_ENGINE = 'transit'
const SKIP_VERIFY = 'VAULT_SKIP_VERIFY'

/** Where HashiCorp Vault is and who asks it, by the variables that Vault's own clients read. */
export type VaultAccess = {
  readonly url: string
  readonly token: string
  /** `''`: the root namespace. */
  readonly namespace: string
  /** PEM file of the authority that Vault's certificate comes from; `''`: the system's. */
  readonly caFile: string
  /** Whatever certificate it shows is taken. */
  readonly takesAnybody: boolean
}

/** Reads them as gocloud.dev's driver does. Throws when nobody says where Vault is, or how it is to be known. */
export function vaultAccess(env: SecretAccess['env']): VaultAccess {
  const url = env['VAULT_SERVER_URL'] || env['VAULT_ADDR'] || ''
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new Error('neither VAULT_SERVER_URL nor VAULT_ADDR is set to an http address')
  const skips = env[SKIP_VERIFY] || 'false'
  const takesAnybody = goBoolean(skips)
  if (takesAnybody === undefined)
    throw new Error(`${SKIP_VERIFY} is neither true nor false: ${JSON.stringify(skips)}`)
  return {
    url: url.replace(/\/+$/, ''),
    token: env['VAULT_SERVER_TOKEN'] || env['VAULT_TOKEN'] || '',
    namespace: env['VAULT_NAMESPACE'] ?? '',
    caFile: env['VAULT_CACERT'] ?? '',
    takesAnybody,
  }
}

/**
 * `hashivault://NAME?engine=ENGINE`; a name or engine may have slashes, as mounts of engines do. The key of the transit
 * engine opens what it sealed (`vault:v1:...`).
 * https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data
 */
export function vaultKey(address: SecretAddress, options: Options): OpenSecret {
  const engine = address.query.get('engine') || USUAL_ENGINE
  onlyParameters(address, ['engine'], options)
  for (const part of [...address.name.split('/'), ...engine.split('/')])
    if (!/^[\w.-]+$/.test(part) || /^\.+$/.test(part))
      throw options.wrong('secret_url', 'no key of a transit engine in it', 'hashivault://my-key')
  return async function openedByVault(sealed, { env, secret, log, signal }) {
    const access = vaultAccess(env)
    const { url, token, namespace } = access
    if (token !== '') secret(token)
    if (access.takesAnybody)
      log.warning(
        `${options.path('secret_url')}: ${SKIP_VERIFY} is set: whoever answers at ${url} gets the token and may give a key of their own`,
      )
    // A redirect would carry the token to wherever it points.
    const client = smallFetch({ tls: vaultTls(access), mostRedirects: 0 })
    try {
      const { status, text } = await client.fetch({
        method: 'POST',
        url: `${url}/v1/${engine}/decrypt/${address.name}`,
        headers: [
          ...['Content-Type', 'application/json', 'X-Vault-Request', 'true'],
          ...(token === '' ? [] : ['X-Vault-Token', token]),
          ...(namespace === '' ? [] : ['X-Vault-Namespace', namespace]),
        ],
        body: JSON.stringify({ ciphertext: sealed.toString('utf8') }),
        signal,
      })
      return plainText(status, text)
    } finally {
      await client.close()
    }
  }
}

const vaultTls = ({ caFile, takesAnybody }: VaultAccess): FetchTls => ({
  rejectUnauthorized: !takesAnybody,
  ...(caFile === '' ? {} : { ca: [readFileSync(caFile, 'utf8')] }),
})

function plainText(status: number, text: string): Buffer {
  const answer = objectIn(text) ?? {}
  const data = answer['data']
  const plain = isObject(data) ? data['plaintext'] : undefined
  if (status === 200 && typeof plain === 'string') return Buffer.from(plain, 'base64')
  const errors = Array.isArray(answer['errors']) ? answer['errors'] : []
  throw new Error([`Vault answered ${status}`, ...errors.map(String)].join(': '))
}
