import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { announceSize } from '../pipe/body-size.ts'
import type { ClientRequest, Params } from '../pipe/pipe.ts'
import { WHOLE_SERVER } from '../router/router.ts'
import { isAuthority } from './authority.ts'
import { tlsSession } from './tls-session.ts'

export const NO_PARAMS: Params = Object.freeze({})

/** The address of the client behind trusted proxies, from the peer's and what the headers say. */
export type ClientAddress = (peer: string, headers: readonly string[]) => string

/**
 * What Node received by HTTP/1.1 as a `ClientRequest`; `undefined` for a message of another version, and for several
 * `Host` headers or one that is no host, which each hop may read differently (RFC 9112, 2.3 and 3.2).
 */
export function toClientRequest(
  incoming: IncomingMessage,
  clientAddressOf: ClientAddress,
): ClientRequest | undefined {
  const { rawHeaders, socket } = incoming
  const target = incoming.url ?? '/'
  let host = ''
  let hosts = 0
  let hasBody = false
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4) {
      if (name === 'Host' || name.toLowerCase() === 'host') {
        host = rawHeaders[at + 1] as string
        hosts++
      }
    } else if (name.length === 14) {
      if (name.toLowerCase() === 'content-length') {
        const size = Number(rawHeaders[at + 1])
        hasBody = size > 0
        if (hasBody) announceSize(incoming, size)
      }
    } else if (name.length === 17) {
      if (name.toLowerCase() === 'transfer-encoding') hasBody = true
    }
  }
  if (hosts > 1 || !HOST.test(host) || incoming.httpVersionMajor !== 1) return undefined
  const peerAddress = socket.remoteAddress ?? ''
  const isEncrypted = 'encrypted' in socket
  const place = target.charCodeAt(0) === SLASH ? target : otherForm(incoming.method, target)
  if (place === undefined) return undefined
  if (typeof place === 'object') host = place.host
  const text = typeof place === 'object' ? place.target : place
  const mark = text.indexOf('?')
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? text : text.slice(0, mark),
    rawQuery: mark < 0 ? '' : text.slice(mark + 1),
    headers: rawHeaders,
    host,
    peerAddress,
    clientAddress: clientAddressOf(peerAddress, rawHeaders),
    isEncrypted,
    tls: isEncrypted ? tlsSession(socket as TLSSocket) : undefined,
    params: NO_PARAMS,
    body: hasBody ? incoming : undefined,
  }
}
const SLASH = 0x2f
/** What may stand in a `Host` header (RFC 3986, 3.2.2), or nothing. */
const HOST = /^[\w!$%&'()*+,\-.:;=[\]~]*$/

/**
 * `GET http://host/path` (RFC 9112, 3.2.2): the target's own host wins over the header. `*` stays as it is, and the
 * address that `CONNECT` names is no path either. `undefined` for what is none of these.
 */
function otherForm(
  method: string | undefined,
  target: string,
): string | { host: string; target: string } | undefined {
  if (method === 'CONNECT')
    return isAuthority(target.split(/[/?]/, 1)[0] ?? '') ? WHOLE_SERVER : undefined
  const [, host, rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?]*)(.*)$/i.exec(target) ?? []
  if (host === undefined) return target
  if (!isAuthority(host)) return undefined
  return {
    host: host.slice(host.lastIndexOf('@') + 1),
    target: rest.startsWith('/') ? rest : `/${rest}`,
  }
}
