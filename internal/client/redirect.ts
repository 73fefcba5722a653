import { GatewayError } from '../errors.ts'
import type { Deadline } from '../pipe/deadline.ts'
import { headerValue, withHeader, withoutHeader } from '../pipe/headers.ts'
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
/** What describes a body that a redirect by 301, 302 or 303 leaves behind. */
const OF_A_BODY = new Set([
  'Content-Encoding',
  'Content-Language',
  'Content-Location',
  'Content-Type',
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
 * 307 and 308 repeat the call, and are handed on as they are when its body is gone already. `Referer` is set unless
 * the call has its own; credentials do not cross to another host.
 */
async function followRedirects(
  send: Send,
  first: Call,
  reply: UpstreamReply,
  deadline: Deadline,
): Promise<UpstreamReply> {
  let call = first
  let current = reply
  const setsReferer = (headerValue(first.headers, 'referer') ?? '') === ''
  for (let count = 1; isRedirect(current.status); count++) {
    const location = current.header('location')
    if (location === undefined || location === '') return answeredBy(call, current, first)
    const keepsMethod = current.status === 307 || current.status === 308
    if (keepsMethod && call.body !== undefined && !Buffer.isBuffer(call.body))
      return answeredBy(call, current, first)
    if (count >= MAX_CALLS)
      throw new GatewayError('upstream', {
        message: `${describe(first.method, location)}: stopped after 10 redirects`,
      })
    const next = redirected(call, location, { keepsMethod, setsReferer })
    discard(current)
    call = next
    current = await send(call, deadline).catch(asUpstreamFailure)
  }
  return answeredBy(call, current, first)
}

/** The last answer, with the address it came from: messages about its status name that one. */
function answeredBy(last: Call, reply: UpstreamReply, first: Call): UpstreamReply {
  if (last === first) return reply
  return {
    status: reply.status,
    redirectedTo: `${last.origin}${last.path}`,
    header: (lowerName) => reply.header(lowerName),
    headerList: () => reply.headerList(),
    body: reply.body,
  }
}

/** The first call was answered: whoever tries another host after a failed connection must not take this for one. */
function asUpstreamFailure(error: unknown): never {
  if (!(error instanceof GatewayError) || error.code !== 'connect') throw error
  throw new GatewayError('upstream', { message: error.message, cause: error.cause })
}

const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308

type Redirect = { readonly keepsMethod: boolean; readonly setsReferer: boolean }

function redirected(call: Call, location: string, { keepsMethod, setsReferer }: Redirect): Call {
  const here = `${call.origin}${call.path}`
  const url = URL.parse(location, here)
  if (url === null)
    throw new GatewayError('upstream', {
      message: `${describe(call.method, here)}: failed to parse Location header "${location}"`,
    })
  const method = keepsMethod || call.method === 'HEAD' ? call.method : 'GET'
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new GatewayError('upstream', {
      message: `${describe(method, location)}: unsupported protocol scheme "${url.protocol.slice(0, -1)}"`,
    })
  const body = keepsMethod ? call.body : undefined
  const kept = keptHeaders(call.headers, {
    isSame: isSameSite(new URL(here), url),
    isDescribed: keepsMethod,
    hasBody: body !== undefined,
  })
  const isDowngrade = here.startsWith('https:') && url.protocol === 'http:'
  const headers = setsReferer ? refererOf(kept, isDowngrade ? undefined : here) : kept
  return { method, origin: url.origin, path: `${url.pathname}${url.search}`, headers, body }
}

/** A page that came over TLS is not named to a server without it. */
const refererOf = (headers: HeaderList, here: string | undefined): string[] =>
  here === undefined ? withoutHeader(headers, 'referer') : withHeader(headers, 'Referer', here)

type Kept = { readonly isSame: boolean; readonly isDescribed: boolean; readonly hasBody: boolean }

function keptHeaders(headers: HeaderList, { isSame, isDescribed, hasBody }: Kept): string[] {
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string
    const isDropped =
      name === 'Host' ||
      (!isSame && SENSITIVE.has(name)) ||
      (!isDescribed && OF_A_BODY.has(name)) ||
      (!hasBody && name === 'Content-Length')
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
