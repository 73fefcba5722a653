import { ConfigError } from '../../errors.ts'
import type { Found, SourceFactory } from '../discovery.ts'

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 } as const

/** The hosts that stand in the configuration: never asked again, never fails. */
export const staticSource: SourceFactory = (options) => {
  const { hosts } = options
  if (!Array.isArray(hosts) || !hosts.every((host) => typeof host === 'string'))
    throw new ConfigError([{ place: { path: 'hosts' }, message: 'must be a list of URLs' }])
  const answer = { instances: hosts.map(staticInstance), notes: ['written in the configuration'] }
  return { ask: async () => answer }
}

/**
 * One host as the configuration names it. With `disable_host_sanitize` it may be anything: what is no URL stays
 * as written, and the call to it fails.
 */
export function staticInstance(written: string): Found {
  const parsed = URL.parse(written)
  const protocol = parsed?.protocol
  const isHttp = parsed !== null && (protocol === 'http:' || protocol === 'https:')
  return {
    scheme: protocol === 'https:' ? 'https' : 'http',
    host: isHttp ? parsed.hostname.replace(/^\[|\]$/g, '') : written,
    port: isHttp
      ? Number(parsed.port) || DEFAULT_PORTS[parsed.protocol as keyof typeof DEFAULT_PORTS]
      : 0,
    addresses: [],
    basePath: isHttp ? parsed.pathname.replace(/\/+$/, '') : '',
    weight: 1,
    zone: '',
    metadata: {},
    url: written,
  }
}
