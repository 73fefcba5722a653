import type { Options } from '../../../config/options.ts'
import { awsKey } from './aws-kms.ts'
import { azureKey } from './azure-key-vault.ts'
import { googleKey } from './google-kms.ts'
import type { OpenSecret, SecretAddress } from './secret-address.ts'
import { vaultKey } from './vault.ts'

/** Who opens `cypher_key`: a key that stands in `secret_url` itself, or a service that keeps one. */
export type SecretService =
  | { readonly kind: 'local'; readonly key: Buffer }
  | { readonly kind: 'remote'; readonly open: OpenSecret }

/** Services by scheme: those of gocloud.dev. Each reads its address and throws a `ConfigError` when it cannot be one. */
const SERVICES: Readonly<Record<string, (address: SecretAddress, options: Options) => OpenSecret>> =
  { hashivault: vaultKey, awskms: awsKey, gcpkms: googleKey, azurekeyvault: azureKey }

const ALLOWED = [
  'base64key://<32 bytes, base64>',
  'hashivault://<key of the transit engine>',
  'awskms://<key>?region=<region>',
  'gcpkms://projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>',
  'azurekeyvault://<vault>.vault.azure.net/keys/<key>',
].join(', ')
const SECRET_KEY_BYTES = 32

/** The service that `secret_url` names. Throws a `ConfigError` for one that is none. */
export function secretService(options: Options): SecretService {
  const [, scheme = '', rest = ''] =
    /^([a-z0-9]+):\/\/(.*)$/s.exec(options.text('secret_url')) ?? []
  const service = Object.hasOwn(SERVICES, scheme) ? SERVICES[scheme] : undefined
  if (service !== undefined)
    return { kind: 'remote', open: service(addressIn(rest, options), options) }
  const key = Buffer.from(rest, 'base64')
  if (scheme !== 'base64key' || key.length !== SECRET_KEY_BYTES)
    throw options.wrong('secret_url', 'no key in it', ALLOWED)
  return { kind: 'local', key }
}

function addressIn(rest: string, options: Options): SecretAddress {
  const [place = '', ...query] = rest.split('?')
  try {
    const name = decodeURIComponent(place).replace(/^\/+|\/+$/g, '')
    return { name, query: new URLSearchParams(query.join('?')) }
  } catch {
    throw options.wrong('secret_url', 'a percent sign stands alone')
  }
}
