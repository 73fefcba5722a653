import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { hasBearer } from '../small-exchange.ts'

/** Who may use the routes that are not open to everyone. */
export type Access = {
  /** In small letters. */
  readonly hosts: readonly string[]
  readonly token: string | undefined
  /** Only this machine can connect. */
  readonly isLoopback: boolean
}
export type Refusal = {
  readonly status: 401 | 403
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Why a request may not use a guarded route, or `undefined` when it may. The Host header must be one that no
 * foreign web page can be served under (DNS rebinding), a page of another origin gets nothing, and whoever comes
 * over a network needs the token.
 */
export function refusal(request: IncomingMessage, access: Access): Refusal | undefined {
  const host = hostName(request.headers.host ?? '')
  if (!isOurName(host, access.hosts))
    return { status: 403, message: `Host ${JSON.stringify(host)} is not one of --admin-hosts` }
  if (isForeignPage(request))
    return { status: 403, message: 'pages of other origins get nothing here' }
  if (access.token !== undefined)
    return hasBearer(request, access.token)
      ? undefined
      : {
          status: 401,
          message: 'a bearer token is needed',
          headers: { 'WWW-Authenticate': 'Bearer' },
        }
  if (access.isLoopback) return undefined
  return {
    status: 403,
    message: 'without GATEWAY_ADMIN_TOKEN only metrics and health are served over a network',
  }
}

/** `[::1]:8091` → `::1`, `Admin.Example:80` → `admin.example`. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::[0-9]*)?$/.exec(host)
  return (bracketed?.[1] ?? host.replace(/:[0-9]*$/, '')).toLowerCase()
}

function isOurName(host: string, hosts: readonly string[]): boolean {
  return host === 'localhost' || isIP(host) !== 0 || hosts.includes(host)
}

/** What a page of another origin asks for. A link that somebody follows is no such thing: that page sees nothing. */
function isForeignPage({ method, headers }: IncomingMessage): boolean {
  const { origin, host } = headers
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) return true
  const isFollowed = method === 'GET' && headers['sec-fetch-mode'] === 'navigate'
  return FOREIGN_SITES.has(String(headers['sec-fetch-site'])) && !isFollowed
}
const FOREIGN_SITES: ReadonlySet<string> = new Set(['cross-site', 'same-site'])

/** Whether only this machine can connect to a listener bound to `address`. */
export function isLoopback(address: string): boolean {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8)
  loopback.addAddress('::1', 'ipv6')
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
