import { defaultIdentity } from '../../../cloud/azure/default-identity.ts'
import type { Options } from '../../../config/options.ts'
import { type OpenSecret, onlyParameters, type SecretAddress } from './secret-address.ts'
import { openedWithToken } from './token-call.ts'

const API_VERSION = '7.4'
const USUAL_ALGORITHM = 'RSA-OAEP-256'
/** Vault, its cloud, the port of an emulator; then key and version. */
const KEY = /^([\w-]+)\.(vault\.[a-z\d.-]+)(:\d+)?\/keys\/([\w-]+)(?:\/([\w-]+))?$/

/**
 * `azurekeyvault://VAULT.vault.azure.net/keys/NAME/VERSION?algorithm=RSA-OAEP-256` (the latest version when there is
 * none), asked as Azure's default identity. https://learn.microsoft.com/rest/api/keyvault/keys/decrypt/decrypt
 */
export function azureKey(address: SecretAddress, options: Options): OpenSecret {
  const [, vault, cloud, port = '', key, version = ''] = KEY.exec(address.name) ?? []
  if (vault === undefined)
    throw options.wrong(
      'secret_url',
      'no key of Azure Key Vault in it',
      'azurekeyvault://VAULT.vault.azure.net/keys/NAME',
    )
  onlyParameters(address, ['algorithm'], options)
  const alg = address.query.get('algorithm') || USUAL_ALGORITHM
  const path = options.path('secret_url')
  return (sealed, access) =>
    openedWithToken(
      {
        who: 'Azure Key Vault',
        grant: defaultIdentity({ env: access.env, path, scope: `https://${cloud}/.default` }),
        url: `https://${vault}.${cloud}${port}/keys/${key}/${version}/decrypt?api-version=${API_VERSION}`,
        body: { alg, value: sealed.toString('base64url') },
        field: 'value',
      },
      access,
    )
}
