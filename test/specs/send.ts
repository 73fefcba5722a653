import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Send } from './spec.ts'

const REPLY_LIMIT_MS = 15_000

/** What a client got: a reply, whole or cut off, or none at all. */
export type ClientReply =
  | {
      readonly kind: 'reply'
      readonly status: number
      readonly headers: IncomingHttpHeaders
      readonly bytes: Buffer
      readonly isCut: boolean
    }
  | { readonly kind: 'failed'; readonly reason: string }

/** Sends one request over a connection of its own. */
export function sendRequest(port: number, send: Send): Promise<ClientReply> {
  const { promise, resolve } = Promise.withResolvers<ClientReply>()
  const call = httpRequest(
    {
      host: '127.0.0.1',
      port,
      method: send.method ?? 'GET',
      path: send.path,
      headers: headersOf(send),
      agent: false,
    },
    (response) => {
      const head = {
        kind: 'reply' as const,
        status: response.statusCode ?? 0,
        headers: response.headers,
      }
      buffer(response).then(
        (bytes) => resolve({ ...head, bytes, isCut: false }),
        () => resolve({ ...head, bytes: Buffer.alloc(0), isCut: true }),
      )
    },
  )
  call.setTimeout(REPLY_LIMIT_MS, () => call.destroy(new Error('no reply in time')))
  call.once('error', (error) => resolve({ kind: 'failed', reason: error.message }))
  const body = send.json === undefined ? send.body : JSON.stringify(send.json)
  if (body !== undefined) call.write(body)
  call.end()
  return promise
}

function headersOf({ headers, json }: Send): Record<string, string | string[]> {
  const given = { ...headers }
  return json === undefined || given['content-type'] !== undefined
    ? given
    : { ...given, 'content-type': 'application/json' }
}
