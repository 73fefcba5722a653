import { hash } from 'node:crypto'

/** How `key` is written in the configuration: hexadecimal of so many bytes, or as it is. */
export const KEY_HASHES = ['plain', 'fnv128', 'sha1', 'sha256'] as const
export type KeyHash = (typeof KEY_HASHES)[number]

/** Characters of a written hash; 0: any number. */
export const HASH_LENGTHS = {
  plain: 0,
  fnv128: 32,
  sha1: 40,
  sha256: 64,
} as const satisfies Record<KeyHash, number>

/** What a key that a client sent would be written as; the salt goes before it. */
export function hashedKey(name: KeyHash, salt: string, key: string): string {
  if (name === 'plain') return key
  const bytes = Buffer.from(salt + key, 'utf8')
  return name === 'fnv128' ? fnv128(bytes) : hash(name, bytes, 'hex')
}

/** FNV-1 of 128 bits, as Go's `fnv.New128`. */
function fnv128(bytes: Buffer): string {
  let sum = 0x6c62272e07bb014262b821756295c58dn
  for (const byte of bytes)
    sum = BigInt.asUintN(128, sum * 0x0000000001000000000000000000013bn) ^ BigInt(byte)
  return sum.toString(16).padStart(32, '0')
}
