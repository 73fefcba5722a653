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
/** TLS cipher suite numbers (IANA registry) that Go knows, as OpenSSL calls them. */
const CIPHERS: ReadonlyMap<number, string> = new Map([
  [5, 'RC4-SHA'],
  [10, 'DES-CBC3-SHA'],
  [47, 'AES128-SHA'],
  [53, 'AES256-SHA'],
  [60, 'AES128-SHA256'],
  [156, 'AES128-GCM-SHA256'],
  [157, 'AES256-GCM-SHA384'],
  [4865, 'TLS_AES_128_GCM_SHA256'],
  [4866, 'TLS_AES_256_GCM_SHA384'],
  [4867, 'TLS_CHACHA20_POLY1305_SHA256'],
  [49159, 'ECDHE-ECDSA-RC4-SHA'],
  [49161, 'ECDHE-ECDSA-AES128-SHA'],
  [49162, 'ECDHE-ECDSA-AES256-SHA'],
  [49169, 'ECDHE-RSA-RC4-SHA'],
  [49170, 'ECDHE-RSA-DES-CBC3-SHA'],
  [49171, 'ECDHE-RSA-AES128-SHA'],
  [49172, 'ECDHE-RSA-AES256-SHA'],
  [49187, 'ECDHE-ECDSA-AES128-SHA256'],
  [49191, 'ECDHE-RSA-AES128-SHA256'],
  [49195, 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  [49196, 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  [49199, 'ECDHE-RSA-AES128-GCM-SHA256'],
  [49200, 'ECDHE-RSA-AES256-GCM-SHA384'],
  [52392, 'ECDHE-RSA-CHACHA20-POLY1305'],
  [52393, 'ECDHE-ECDSA-CHACHA20-POLY1305'],
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
