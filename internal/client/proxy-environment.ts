import { BlockList, isIP, isIPv6 } from 'node:net'
import { ConfigError } from '../errors.ts'

/** A forward proxy, as `HTTP_PROXY` and `HTTPS_PROXY` name it. */
export type ForwardProxy = {
  /** `http://host:port`, without credentials. */
  readonly origin: string
  readonly host: string
  readonly port: number
  readonly isEncrypted: boolean
  /** For `Proxy-Authorization`, from the credentials in the address. */
  readonly authorization: string | undefined
}

/** The forward proxy for an origin, or `undefined` to connect directly. */
export type ProxyChoice = (origin: string) => ForwardProxy | undefined

/**
 * `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (and their small forms) as Go's `httpproxy` reads them:
 * loopback addresses and `localhost` always go directly, `NO_PROXY` holds names (a leading dot takes subdomains
 * only), addresses, CIDR blocks, each with an optional port, or `*`. Throws a `ConfigError` for an address that
 * is no HTTP proxy's.
 */
export function proxyFromEnvironment(env: NodeJS.ProcessEnv): ProxyChoice {
  const forHttp = forwardProxy(env, 'HTTP_PROXY')
  const forHttps = forwardProxy(env, 'HTTPS_PROXY')
  if (forHttp === undefined && forHttps === undefined) return () => undefined
  const isExempt = exemptions(env['NO_PROXY'] || env['no_proxy'] || '')
  return function proxyFor(origin) {
    const url = new URL(origin)
    const proxy = url.protocol === 'https:' ? forHttps : forHttp
    return proxy === undefined || isExempt(url) ? undefined : proxy
  }
}

function forwardProxy(env: NodeJS.ProcessEnv, name: string): ForwardProxy | undefined {
  const written = env[name] || env[name.toLowerCase()] || ''
  if (written === '') return undefined
  const url = URL.parse(written.includes('://') ? written : `http://${written}`)
  if (url === null || !(url.protocol === 'http:' || url.protocol === 'https:'))
    throw new ConfigError(`${name}: not the address of an HTTP proxy (http:// or https://)`)
  const isEncrypted = url.protocol === 'https:'
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return {
    origin: url.origin,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isEncrypted ? 443 : 80),
    isEncrypted,
    authorization:
      credentials === ':' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
  }
}

function exemptions(list: string): (url: URL) => boolean {
  const entries = list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
  const blocks = new BlockList()
  blocks.addSubnet('127.0.0.0', 8, 'ipv4')
  blocks.addAddress('::1', 'ipv6')
  const names: { name: string; port: string }[] = []
  for (const entry of entries) {
    const [block, bits] = entry.split('/')
    if (block !== undefined && bits !== undefined && isIP(block) > 0)
      blocks.addSubnet(block, Number(bits), isIPv6(block) ? 'ipv6' : 'ipv4')
    else {
      const [, name = entry, port = ''] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      names.push({ name: name.startsWith('*.') ? name.slice(1) : name, port })
    }
  }
  return function isExempt(url) {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (host === 'localhost' || entries.includes('*')) return true
    const family = isIP(host)
    if (family > 0 && blocks.check(host, family === 6 ? 'ipv6' : 'ipv4')) return true
    const port = url.port || (url.protocol === 'https:' ? '443' : '80')
    return names.some((entry) => {
      if (entry.port !== '' && entry.port !== port) return false
      return entry.name.startsWith('.')
        ? host.endsWith(entry.name)
        : host === entry.name || host.endsWith(`.${entry.name}`)
    })
  }
}
