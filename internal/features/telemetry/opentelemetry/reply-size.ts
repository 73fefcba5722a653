import type { UpstreamReply } from '../../../client/client.ts'

/** What an answer says of its body's size; `undefined` when it says nothing. */
export function replySize(reply: UpstreamReply): number | undefined {
  const header = reply.header('content-length')
  if (header !== undefined && /^\d{1,15}$/.test(header)) return Number(header)
  return reply.status === 204 || reply.status === 304 ? 0 : undefined
}
