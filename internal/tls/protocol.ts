import { getCiphers, type SecureContextOptions } from 'node:tls'
import type { TlsVersion } from '../config/types.ts'
import { ConfigError } from '../errors.ts'

/** What a `tls` or `client_tls` block says of the protocol itself. */
export type ProtocolConfig = {
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  readonly curves: readonly string[]
  readonly ciphers: readonly string[]
}

/** Those of TLS 1.3 are not up for choice, as in Go. */
const TLS_1_3 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
/** KrakenD's list for TLS 1.2. */
const DEFAULT_CIPHERS = [
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
]
/** OpenSSL speaks TLS 1.0 and 1.1 only when its own floor is taken away. */
const NO_FLOOR = '@SECLEVEL=0'

/** The protocol's part of a secure context. Throws a `ConfigError` when nothing is left to speak. */
export function protocolOptions(config: ProtocolConfig, path: string): SecureContextOptions {
  const { minVersion, maxVersion, curves } = config
  if (minVersion > maxVersion)
    throw new ConfigError(`min_version ${minVersion} is above max_version ${maxVersion}`, { path })
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1'
  const old = isOld ? [...OLD_CIPHERS, NO_FLOOR] : []
  return {
    minVersion,
    maxVersion,
    ciphers: [...usableCiphers(config, path), ...TLS_1_3, ...old].join(':'),
    ...(curves.length > 0 ? { ecdhCurve: curves.join(':') } : {}),
  }
}
/** TLS 1.0 and 1.1 know none of the defaults. */
const OLD_CIPHERS = ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA', 'AES128-SHA']

function usableCiphers({ ciphers, maxVersion }: ProtocolConfig, path: string): readonly string[] {
  const wanted = ciphers.filter((name) => !name.startsWith('TLS_'))
  if (wanted.length === 0) return DEFAULT_CIPHERS
  const known = new Set(getCiphers())
  const usable = wanted.filter((name) => known.has(name.toLowerCase()))
  if (usable.length === 0 && maxVersion !== 'TLSv1.3')
    throw new ConfigError('none of these cipher suites exists any more', {
      path: `${path}.cipher_suites`,
    })
  return usable
}
