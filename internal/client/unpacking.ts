import { gunzipped } from '../pipe/collect.ts'
import { headerValue, withoutHeader } from '../pipe/headers.ts'
import type { HeaderList } from '../pipe/pipe.ts'
import type { Call, Send, UpstreamReply } from './client.ts'

/**
 * Asks for gzip on its own account where the call names no encoding, and unpacks what comes then, as Go's transport
 * does: what wraps it sees neither.
 */
export function unpacking(send: Send): Send {
  return function sendUnpacking(call, deadline) {
    if (!mayAskForGzip(call.method, call.headers)) return send(call, deadline)
    return send(askingForGzip(call), deadline).then(unpacked)
  }
}

/** Nobody else decides about encodings, and the answer is whole. */
export const mayAskForGzip = (method: string, headers: HeaderList): boolean =>
  method !== 'HEAD' &&
  headerValue(headers, 'accept-encoding') === undefined &&
  headerValue(headers, 'range') === undefined

/** Whatever its letter case (RFC 9110, 8.4.1). */
export const isGzip = (reply: UpstreamReply): boolean =>
  reply.header('content-encoding')?.toLowerCase() === 'gzip'

/** The headers of a packed answer once it is unpacked. */
export const unpackedHeaders = (headers: HeaderList): HeaderList =>
  withoutHeader(withoutHeader(headers, 'content-encoding'), 'content-length')

const askingForGzip = (call: Call): Call => ({
  ...call,
  headers: [...call.headers, 'Accept-Encoding', 'gzip'],
})

const REMOVED = new Set(['content-encoding', 'content-length'])

/** The reply to a call that asked for gzip on its own account. */
export function unpacked(reply: UpstreamReply): UpstreamReply {
  if (!isGzip(reply)) return reply
  return {
    status: reply.status,
    ...(reply.redirectedTo === undefined ? {} : { redirectedTo: reply.redirectedTo }),
    header: (lowerName) => (REMOVED.has(lowerName) ? undefined : reply.header(lowerName)),
    headerList: () => unpackedHeaders(reply.headerList()),
    body: gunzipped(reply.body),
  }
}
