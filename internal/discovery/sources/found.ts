import { isIPv4, isIPv6 } from 'node:net'
import type { JsonValue } from '../../pipe/pipe.ts'
import type { Found } from '../discovery.ts'

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 } as const
const HIGHEST_PORT = 65_535
/** Letters of host names, as DNS and registries have them. */
const HOST_NAME = /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?$/i

/** An instance at a host and port, with what else is known of it. */
export function foundAt(place: Pick<Found, 'host' | 'port'> & Partial<Found>): Found {
  return { addresses: [], basePath: '', weight: 1, zone: '', metadata: {}, ...place }
}

/** An instance at `http(s)://host[:port][/path]`; `undefined` for what is no such URL, or holds user, query or fragment. */
export function foundAtUrl(url: string, more: Partial<Found> = {}): Found | undefined {
  const parsed = URL.parse(url.trim())
  if (parsed === null || /\s/.test(url.trim())) return undefined
  const { protocol, hostname, port, pathname, username, password, search, hash } = parsed
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  if (username + password + search + hash !== '' || port === '0') return undefined
  return foundAt({
    scheme: protocol === 'https:' ? 'https' : 'http',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || DEFAULT_PORTS[protocol],
    basePath: pathname.replace(/\/+$/, ''),
    ...more,
  })
}

/** An instance at `host:port`, `[v6]:port` or a URL. */
export function foundAtText(text: string, more: Partial<Found> = {}): Found | undefined {
  if (text.includes('://')) return foundAtUrl(text, more)
  const [, bracketed, name, port] = /^\s*(?:\[([^\]]*)\]|([^\s:/]+)):(\d{1,5})\s*$/.exec(text) ?? []
  const host = hostOf(bracketed ?? name ?? '')
  if (host === undefined || !isPort(Number(port))) return undefined
  return foundAt({ host, port: Number(port), ...more })
}

/** A host as instances carry it (IPv6 without brackets), or `undefined` for what can be none. */
export function hostOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  const host = text.trim().replace(/^\[(.*)\]$/, '$1')
  return isIPv4(host) || isIPv6(host) || HOST_NAME.test(host) ? host : undefined
}

export function isPort(port: unknown): port is number {
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port <= HIGHEST_PORT
}

/** A weight as registries write it (number or text, at least 0), or `undefined`. */
export function weightOf(written: unknown): number | undefined {
  const weight = typeof written === 'string' && written.trim() !== '' ? Number(written) : written
  return typeof weight === 'number' && Number.isFinite(weight) && weight >= 0 ? weight : undefined
}

/** The texts, numbers and truth values of an object, as texts: what else a registry says of an instance. */
export function metadataOf(written: JsonValue | undefined): Record<string, string> {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return {}
  const plain = Object.entries(written).filter(
    ([key, value]) => key !== '@class' && ['string', 'number', 'boolean'].includes(typeof value),
  )
  return Object.fromEntries(plain.map(([key, value]) => [key, String(value)]))
}
