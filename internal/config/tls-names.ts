import { CIPHERS } from '../tls/ciphers.ts'
import type { TlsVersion } from './types.ts'

const VERSIONS: ReadonlyMap<string, TlsVersion> = new Map([
  ['TLS10', 'TLSv1'],
  ['TLS11', 'TLSv1.1'],
  ['TLS12', 'TLSv1.2'],
  ['TLS13', 'TLSv1.3'],
])
const CURVES: ReadonlyMap<number, string> = new Map([
  [23, 'P-256'],
  [24, 'P-384'],
  [25, 'P-521'],
  [29, 'X25519'],
  [4588, 'X25519MLKEM768'],
])

/** A protocol version by KrakenD's name; `undefined` for one that does not exist any more or never did. */
export function tlsVersion(name: string): TlsVersion | undefined {
  return VERSIONS.get(name)
}

export function curveName(id: number): string | undefined {
  return CURVES.get(id)
}

export function cipherName(id: number): string | undefined {
  return CIPHERS.get(id)
}

export const TLS_VERSION_NAMES: readonly string[] = [...VERSIONS.keys()]
export const CURVE_IDS: readonly number[] = [...CURVES.keys()]
export const CIPHER_IDS: readonly number[] = [...CIPHERS.keys()]
