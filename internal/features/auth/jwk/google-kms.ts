import { googleHost } from '../../../cloud/google/api-host.ts'
import { defaultCredentials } from '../../../cloud/google/credentials.ts'
import type { Options } from '../../../config/options.ts'
import { type OpenSecret, onlyParameters, type SecretAddress } from './secret-address.ts'
import { openedWithToken } from './token-call.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloudkms'
const DATA = 'additional_authenticated_data'
const KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/
const BASE64URL = /^[\w-]*={0,2}$/

/**
 * `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K`, asked with Google's default credentials.
 * https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/decrypt
 */
export function googleKey(address: SecretAddress, options: Options): OpenSecret {
  const { name, query } = address
  const path = options.path('secret_url')
  if (!KEY.test(name) || name.split('/').some((part) => /^\.+$/.test(part)))
    throw options.wrong(
      ...(['secret_url', 'no key of Google Cloud KMS in it'] as const),
      'gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K',
    )
  onlyParameters(address, [DATA], options)
  const data = query.get(DATA) ?? ''
  if (!BASE64URL.test(data)) throw options.wrong('secret_url', `${DATA} is no base64url`)
  return (sealed, access) =>
    openedWithToken(
      {
        who: 'Google Cloud KMS',
        grant: defaultCredentials({ env: access.env, path, scope: SCOPE }),
        url: `${googleHost('cloudkms', access.env, path)}/v1/${name.split('/').map(encodeURIComponent).join('/')}:decrypt`,
        body: {
          ciphertext: sealed.toString('base64'),
          ...(data === ''
            ? {}
            : { additionalAuthenticatedData: Buffer.from(data, 'base64url').toString('base64') }),
        },
        field: 'plaintext',
      },
      access,
    )
}
