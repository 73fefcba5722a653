import { hash } from 'node:crypto'
import type { Options } from '../../../config/options.ts'
import { isObject } from '../../../pipe/is-object.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'
import { HASH_LENGTHS, hashedKey, KEY_HASHES, type KeyHash } from './key-hash.ts'

/** The roles of a key; `undefined` when nobody has it. */
export type RolesOf = (key: string) => readonly string[] | undefined

/** No key that somebody was given is longer. */
const LONGEST_KEY = 4096

/**
 * The keys of the service. They are looked up by a digest, so that the time it takes tells nothing about those
 * that exist.
 */
export function knownKeys(options: Options): RolesOf {
  const name = options.has('hash') ? options.oneOf('hash', KEY_HASHES) : 'plain'
  const salt = options.text('salt')
  const known = new Map<string, readonly string[]>()
  for (const [at, entry] of entries(options).entries()) {
    const { key, roles } = read(entry, name, (message) => options.wrong(`keys[${at}]`, message))
    const digest = hash('sha256', key)
    if (known.has(digest)) throw options.wrong(`keys[${at}].key`, 'stands here twice')
    known.set(digest, roles)
  }
  return (key) =>
    key.length > LONGEST_KEY ? undefined : known.get(hash('sha256', hashedKey(name, salt, key)))
}

function entries(options: Options): readonly JsonValue[] {
  const keys = options.value('keys')
  if (Array.isArray(keys) && keys.length > 0) return keys
  throw options.wrong('keys', 'no keys: every request would get 401', 'a list of keys')
}

type Entry = { readonly key: string; readonly roles: readonly string[] }

function read(entry: JsonValue, name: KeyHash, wrong: (message: string) => Error): Entry {
  if (!isObject(entry)) throw wrong('a value of another type')
  const { key, roles = [] } = entry
  if (typeof key !== 'string' || key === '') throw wrong('it has no key')
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string'))
    throw wrong('roles is no list of strings')
  if (name === 'plain') return { key, roles }
  if (key.length !== HASH_LENGTHS[name] || !/^[0-9a-f]+$/i.test(key))
    throw wrong(`key is no ${name} in hexadecimal (${HASH_LENGTHS[name]} characters)`)
  return { key: key.toLowerCase(), roles }
}
