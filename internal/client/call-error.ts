import { GatewayError } from '../errors.ts'
import { withoutUser } from '../pipe/host-user.ts'
import { readableUrl } from '../pipe/percent.ts'
import type { Call } from './client.ts'

/** What a connection that was used before, or never answered, means for sending a call again. */
export type BrokenConnection = Error & {
  code?: string
  /** Bytes that came over the connection before it broke; set by `dial.ts` and undici. */
  bytesRead?: number
  socket?: { bytesRead?: number; remoteAddress?: string; remotePort?: number } | null
}

/**
 * Whatever ended a call, in the words that Go's client uses for it: clients see them with
 * `return_error_msg`, and people search for them. A `GatewayError` stays itself.
 */
export function toCallError(thrown: Error, call: Call): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  return new GatewayError(isConnectFailure(thrown) ? 'connect' : 'upstream', {
    message: callFailure(thrown, call),
    cause: thrown,
  })
}

/** `Get "http://host/path": ...`, as Go's `url.Error` prints what ended a call. */
export function callFailure(thrown: Error, call: CalledUrl): string {
  const { code = '' } = thrown as BrokenConnection
  const row = WORDS[code]
  const words = row === undefined ? thrown.message : row(thrown as NodeJS.ErrnoException, call)
  return `${titled(call.method)} "${withoutUser(call.origin)}${readableUrl(call.path)}": ${words}`
}
type CalledUrl = Pick<Call, 'method' | 'origin' | 'path'>

/** The same for an answer that breaks off after its headers. */
export function toBodyError(thrown: Error, call: Call): GatewayError {
  if ((thrown as BrokenConnection).code !== 'UND_ERR_SOCKET') return toCallError(thrown, call)
  return new GatewayError('upstream', { message: 'unexpected EOF', cause: thrown })
}

/** Nothing of the call was sent: any method may be tried elsewhere. */
export function isConnectFailure(error: unknown): boolean {
  const { code = '', syscall } = (error ?? {}) as NodeJS.ErrnoException
  return CONNECT_CODES.has(code) || syscall === 'connect' || syscall === 'getaddrinfo'
}

/**
 * A kept-alive connection that the upstream closed as the call went out (Go's `errServerClosedIdle`): answers came
 * over it before, none for this call. A call without a body is then sent once more. `wasKept`: some thread kept
 * connections to this upstream when the call's request came, so a single process would have used one.
 */
export function isStaleConnection(error: unknown, wasKept: () => boolean): boolean {
  const broken = (error ?? {}) as BrokenConnection
  if (!STALE_CODES.has(broken.code ?? '')) return false
  return (broken.bytesRead ?? broken.socket?.bytesRead ?? 0) > 0 || wasKept()
}

const STALE_CODES = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const CONNECT_CODES = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

const address = (error: NodeJS.ErrnoException, call: CalledUrl): string => {
  const { address: ip, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  return ip === undefined
    ? new URL(call.origin).host
    : `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
}
const refused = (words: string) => (error: NodeJS.ErrnoException, call: CalledUrl) =>
  `dial tcp ${address(error, call)}: ${words}`
const lookup = (_error: NodeJS.ErrnoException, call: CalledUrl) =>
  `dial tcp: lookup ${new URL(call.origin).hostname}: no such host`

const WORDS: Readonly<Record<string, (error: NodeJS.ErrnoException, call: CalledUrl) => string>> = {
  ECONNREFUSED: refused('connect: connection refused'),
  EHOSTUNREACH: refused('connect: no route to host'),
  ENETUNREACH: refused('connect: network is unreachable'),
  UND_ERR_CONNECT_TIMEOUT: refused('i/o timeout'),
  ENOTFOUND: lookup,
  EAI_AGAIN: lookup,
  UND_ERR_SOCKET: () => 'EOF',
  ECONNRESET: () => 'read: connection reset by peer',
  EPIPE: () => 'write: broken pipe',
  UND_ERR_HEADERS_TIMEOUT: () => 'net/http: timeout awaiting response headers',
  UND_ERR_HEADERS_OVERFLOW: () =>
    'net/http: server response headers exceeded 10485760 bytes; aborted',
}

/** `GET` → `Get`, as Go's `url.Error` prints it. */
const titled = (method: string): string => method.charAt(0) + method.slice(1).toLowerCase()
