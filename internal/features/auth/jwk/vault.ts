import { readFileSync } from 'node:fs'
import { smallFetch } from '../../../client/small-fetch.ts'
import { isObject } from '../../../pipe/is-object.ts'

/** Where HashiCorp Vault is and who asks it, by the variables that Vault's own clients read. */
export type VaultAccess = {
  readonly url: string
  readonly token: string
  /** `''`: the root namespace. */
  readonly namespace: string
  /** PEM file of the authority that Vault's certificate comes from; `''`: the system's. */
  readonly caFile: string
}

/** Reads them as gocloud.dev's driver does. Throws when nobody says where Vault is. */
export function vaultAccess(env: NodeJS.ProcessEnv): VaultAccess {
  const url = env['VAULT_SERVER_URL'] || env['VAULT_ADDR'] || ''
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new Error('neither VAULT_SERVER_URL nor VAULT_ADDR is set to an http address')
  return {
    url: url.replace(/\/+$/, ''),
    token: env['VAULT_SERVER_TOKEN'] || env['VAULT_TOKEN'] || '',
    namespace: env['VAULT_NAMESPACE'] ?? '',
    caFile: env['VAULT_CACERT'] ?? '',
  }
}

export type VaultKey = { readonly engine: string; readonly key: string }

/**
 * Lets a key of the transit engine open `cipherText` (`vault:v1:...`). Rejects with Vault's own words.
 * https://developer.hashicorp.com/vault/api-docs/secret/transit#decrypt-data
 */
export async function openedByVault(
  { url, token, namespace, caFile }: VaultAccess,
  { engine, key }: VaultKey,
  cipherText: string,
): Promise<Buffer> {
  const ca = caFile === '' ? {} : { ca: [readFileSync(caFile, 'utf8')] }
  // A redirect would carry the token to wherever it points.
  const client = smallFetch({ tls: ca, mostRedirects: 0 })
  try {
    const { status, text } = await client.fetch({
      method: 'POST',
      url: `${url}/v1/${engine}/decrypt/${key}`,
      headers: [
        ...['Content-Type', 'application/json', 'X-Vault-Request', 'true'],
        ...(token === '' ? [] : ['X-Vault-Token', token]),
        ...(namespace === '' ? [] : ['X-Vault-Namespace', namespace]),
      ],
      body: JSON.stringify({ ciphertext: cipherText }),
    })
    return plainText(status, text)
  } finally {
    await client.close()
  }
}

function plainText(status: number, text: string): Buffer {
  const answer = parsed(text)
  const data = isObject(answer) ? answer['data'] : undefined
  const plain = isObject(data) ? data['plaintext'] : undefined
  if (status === 200 && typeof plain === 'string') return Buffer.from(plain, 'base64')
  const errors = isObject(answer) && Array.isArray(answer['errors']) ? answer['errors'] : []
  throw new Error([`Vault answered ${status}`, ...errors.map(String)].join(': '))
}

function parsed(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    // A proxy's page, say: the status tells enough.
    return undefined
  }
}
