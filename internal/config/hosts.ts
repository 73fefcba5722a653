import { isEtcdHost } from './etcd-host.ts'

/** One address anywhere in the text, as KrakenD reads it: scheme, name, port and one slash. */
const ADDRESS = /(https?:\/\/)?([a-zA-Z0-9._-]+)(:[0-9]{2,6})?\/?/g

/** What is such an address already: nearly every host. */
const CLEAN = /^https?:\/\/[a-zA-Z0-9._-]+(:[0-9]{2,6})?$/

/**
 * A static host in the form `http://name:port`, or `undefined` when it is not exactly one address: a path, user
 * information, an IPv6 literal, a one-digit port or another scheme make it none.
 */
export function cleanHost(host: string): string | undefined {
  if (CLEAN.test(host)) return host
  const matches = [...host.matchAll(ADDRESS)]
  const [match] = matches
  if (match === undefined || matches.length !== 1) return undefined
  return `${match[1] ?? 'http://'}${match[2]}${match[3] ?? ''}`
}

/**
 * A service's name as a registry knows it: without the scheme and slash that were written around it. etcd's hosts may
 * be plain URLs beside `etcd(key,default)`, and stay as they are.
 */
export function serviceName(host: string, sd: string): string {
  return sd === 'etcd' ? host : host.replace(SCHEME, '').replace(/\/$/, '')
}

const SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//

/** Where hosts come from: as `sd` says, and without it from etcd when one of them is written for that. */
export function sdOf(sd: string | undefined, hosts: readonly string[]): string {
  return sd || (hosts.some(isEtcdHost) ? 'etcd' : 'static')
}
