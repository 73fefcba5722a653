import type { Options } from '../../../config/options.ts'

/** Who opens `cypher_key`: a key that stands in `secret_url` itself, or a key of HashiCorp Vault's transit engine. */
export type SecretService =
  | { readonly kind: 'local'; readonly key: Buffer }
  | { readonly kind: 'vault'; readonly engine: string; readonly key: string }

/** Key services that need an SDK and an account of their own. */
const CLOUD_SERVICES: Readonly<Record<string, string>> = {
  awskms: 'AWS KMS',
  azurekeyvault: 'Azure Key Vault',
  gcpkms: 'Google Cloud KMS',
}
const ALLOWED = 'base64key://<32 bytes, base64>, hashivault://<key of the transit engine>'
const SECRET_KEY_BYTES = 32
const USUAL_ENGINE = 'transit'

/** The service that `secret_url` names. Throws a `ConfigError` for one that is none, or that is not known here. */
export function secretService(options: Options): SecretService {
  const url = options.text('secret_url')
  const [, driver = '', rest = ''] = /^([a-z0-9]+):\/\/(.*)$/s.exec(url) ?? []
  const cloud = Object.hasOwn(CLOUD_SERVICES, driver) ? CLOUD_SERVICES[driver] : undefined
  if (cloud !== undefined)
    throw options.wrong('secret_url', `${cloud} (${driver}) is not supported`, ALLOWED)
  if (driver === 'hashivault') return vaultKey(rest, options)
  const key = Buffer.from(rest, 'base64')
  if (driver !== 'base64key' || key.length !== SECRET_KEY_BYTES)
    throw options.wrong('secret_url', 'no key in it', ALLOWED)
  return { kind: 'local', key }
}

/** `NAME?engine=ENGINE`; a name or engine may have slashes, as mounts of engines do. */
function vaultKey(rest: string, options: Options): SecretService {
  const [key = '', query = ''] = rest.split('?', 2)
  const parameters = new URLSearchParams(query)
  const engine = parameters.get('engine') || USUAL_ENGINE
  for (const name of parameters.keys())
    if (name !== 'engine')
      throw options.wrong('secret_url', `unknown parameter ${JSON.stringify(name)}`, 'engine')
  for (const part of [...key.split('/'), ...engine.split('/')])
    if (!/^[\w.-]+$/.test(part) || /^\.+$/.test(part))
      throw options.wrong('secret_url', 'no key of a transit engine in it', 'hashivault://my-key')
  return { kind: 'vault', engine, key }
}
