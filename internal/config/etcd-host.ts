/** One entry of `host` for `sd: "etcd"`: a key with or without a default URL, or a plain URL. */
export type EtcdHost =
  | { readonly kind: 'key'; readonly key: string; readonly defaultUrl: string | undefined }
  | { readonly kind: 'url'; readonly url: string }

/** Why an entry is none; `at` counts characters from 1. */
export type EtcdHostProblem = { readonly reason: string; readonly at: number }

const OPENING = /^\s*etcd\s*\(/
const PLAIN_URL = /^\s*https?:\/\//i

/** Whether a host is written for etcd: `etcd(key,default_URL)`, also with a space before the parenthesis. */
export function isEtcdHost(host: string): boolean {
  return OPENING.test(host)
}

/** Reads `etcd(key,default_URL)`, a URL, or a key, each with white space around its parts. */
export function parseEtcdHost(host: string): EtcdHost | EtcdHostProblem {
  if (PLAIN_URL.test(host)) return plainUrl(host)
  const opening = OPENING.exec(host)?.[0]
  if (opening === undefined) return plainKey(host)
  const comma = host.indexOf(',', opening.length)
  const closing = host.trimEnd().length - 1
  if (host[closing] !== ')') return { reason: 'a closing parenthesis is missing', at: closing + 2 }
  if (comma < 0) return { reason: 'a comma and the default URL are missing', at: closing + 1 }
  const key = host.slice(opening.length, comma).trim()
  if (key === '') return { reason: 'the key is missing', at: opening.length + 1 }
  const written = host.slice(comma + 1, closing)
  const defaultUrl = written.trim()
  const at = comma + 2 + (written.length - written.trimStart().length)
  if (defaultUrl === '') return { reason: 'the default URL is missing', at: closing + 1 }
  if (!isUrl(defaultUrl)) return { reason: 'the default is no http or https URL', at }
  return { kind: 'key', key, defaultUrl }
}

function plainUrl(host: string): EtcdHost | EtcdHostProblem {
  const url = host.trim()
  if (isUrl(url)) return { kind: 'url', url }
  return { reason: 'no http or https URL', at: host.length - host.trimStart().length + 1 }
}

function plainKey(host: string): EtcdHost | EtcdHostProblem {
  const key = host.trim()
  return key === ''
    ? { reason: 'the key is missing', at: 1 }
    : { kind: 'key', key, defaultUrl: undefined }
}

function isUrl(text: string): boolean {
  const url = /\s/.test(text) ? null : URL.parse(text)
  return (
    url !== null && url.hostname !== '' && /^https?:$/.test(url.protocol) && url.username === ''
  )
}

/**
 * All entries of one backend as the one name that discovery knows it by, and back. A lone entry stays as it is;
 * URLs hold no spaces and `etcd(...)` ends with its parenthesis, so several are told apart by the space between.
 */
export function joinEtcdHosts(hosts: readonly string[]): string {
  return hosts.map((host) => host.trim()).join(' ')
}

const ENTRY = /\s*(etcd\s*\([^,)]*,\s*\S+\s*\)|\S+)(?=\s|$)/gy

/** The entries of a name made by `joinEtcdHosts`; an entry that is none is a problem in their place. */
export function etcdHosts(name: string): readonly (EtcdHost | EtcdHostProblem)[] {
  const whole = parseEtcdHost(name)
  const isOne = 'kind' in whole && !(whole.kind === 'key' && /\s(etcd\s*\(|https?:)/i.test(name))
  if (isOne) return [whole]
  const entries = [...name.matchAll(ENTRY)].map(([, entry = '']) => parseEtcdHost(entry))
  return entries.length > 1 && entries.every((entry) => 'kind' in entry) ? entries : [whole]
}
