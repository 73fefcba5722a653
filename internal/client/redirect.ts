import { GatewayError } from '../errors.ts'
import type { Deadline } from '../pipe/deadline.ts'
import { withHeader } from '../pipe/headers.ts'
import type { HeaderList } from '../pipe/pipe.ts'
import type { Call, Send, UpstreamReply } from './client.ts'

/** Go's client gives up after ten calls. */
const MAX_CALLS = 10
/** A redirect's own body is read away up to this size, so that its connection can serve again (Go: 2 KB). */
const DRAIN_BYTES = 2048
const SENSITIVE = new Set([
  'Authorization',
  'Www-Authenticate',
  'Cookie',
  'Cookie2',
  'Proxy-Authorization',
  'Proxy-Authenticate',
])

/** Sends as `send` does and follows where answers point to; what `send` does is done at each hop. */
export function following(send: Send): Send {
  return function sendFollowing(call, deadline) {
    return send(call, deadline).then((reply) =>
      isRedirect(reply.status) ? followRedirects(send, call, reply, deadline) : reply,
    )
  }
}

/**
 * Follows redirects as Go's `http.Client` does: 301, 302 and 303 turn into GET without a body (HEAD stays),
 * 307 and 308 repeat the call, and are handed on as they are when its body is gone already. `Referer` is set;
 * credentials do not cross to another host.
 */
async function followRedirects(
  send: Send,
  first: Call,
  reply: UpstreamReply,
  deadline: Deadline,
): Promise<UpstreamReply> {
  let call = first
  let current = reply
  for (let count = 1; isRedirect(current.status); count++) {
    const location = current.header('location')
    if (location === undefined || location === '') return current
    const keepsMethod = current.status === 307 || current.status === 308
    if (keepsMethod && call.body !== undefined && !Buffer.isBuffer(call.body)) return current
    if (count >= MAX_CALLS)
      throw new GatewayError('upstream', {
        message: `${describe(first.method, location)}: stopped after 10 redirects`,
      })
    const next = redirected(call, location, keepsMethod)
    discard(current)
    call = next
    current = await send(call, deadline).catch(asUpstreamFailure)
  }
  return current
}

/** The first call was answered: whoever tries another host after a failed connection must not take this for one. */
function asUpstreamFailure(error: unknown): never {
  if (!(error instanceof GatewayError) || error.code !== 'connect') throw error
  throw new GatewayError('upstream', { message: error.message, cause: error.cause })
}

const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308

function redirected(call: Call, location: string, keepsMethod: boolean): Call {
  const here = `${call.origin}${call.path}`
  const url = URL.parse(location, here)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new GatewayError('upstream', {
      message: `${describe(call.method, here)}: failed to parse Location header "${location}"`,
    })
  const method = keepsMethod || call.method === 'HEAD' ? call.method : 'GET'
  const body = keepsMethod ? call.body : undefined
  const kept = keptHeaders(call.headers, isSameSite(new URL(here), url), body === undefined)
  const isDowngrade = here.startsWith('https:') && url.protocol === 'http:'
  const headers = isDowngrade ? kept : withHeader(kept, 'Referer', here)
  return { method, origin: url.origin, path: `${url.pathname}${url.search}`, headers, body }
}

function keptHeaders(headers: HeaderList, isSame: boolean, dropsBody: boolean): string[] {
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string
    const isDropped =
      name === 'Host' ||
      (!isSame && SENSITIVE.has(name)) ||
      (dropsBody && name.startsWith('Content-'))
    if (!isDropped) kept.push(name, headers[at + 1] as string)
  }
  return kept
}

/** The same host or a subdomain of it. */
const isSameSite = (from: URL, to: URL): boolean =>
  to.hostname === from.hostname || to.hostname.endsWith(`.${from.hostname}`)

/** Gives an answer up, so that its connection can serve again when little of it is left. */
export function discard(reply: UpstreamReply): void {
  const size = Number(reply.header('content-length') ?? '0')
  if (!(size <= DRAIN_BYTES)) return reply.body.destroy()
  let left = DRAIN_BYTES
  reply.body.start({
    data(chunk) {
      left -= chunk.length
      if (left < 0) reply.body.destroy()
      return true
    },
    end() {},
    error() {},
  })
}

const describe = (method: string, url: string): string =>
  `${method.charAt(0)}${method.slice(1).toLowerCase()} "${url}"`
