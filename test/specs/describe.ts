import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject, JsonValue } from '../../internal/pipe/pipe.ts'
import type { ClientReply } from './send.ts'
import type { SeenRequest } from './upstreams.ts'
import { unfill, type Words } from './words.ts'

/** Headers of the transport, or that change from run to run. */
const IGNORED_OF_REPLY = ['date', 'content-length', 'connection', 'transfer-encoding', 'keep-alive']
const IGNORED_OF_REQUEST = [
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'host',
  'traceparent',
  'tracestate',
]

/** A reply in the form in which it was recorded. */
export function describeReply(
  reply: ClientReply,
  words: Words,
  ignored: readonly string[],
): JsonObject {
  if (reply.kind === 'failed') return { failed: true }
  const headers = describeHeaders(reply.headers, [...IGNORED_OF_REPLY, ...ignored], words)
  const head = { status: reply.status, headers }
  if (reply.isCut) return { ...head, cut: true }
  const text = unfill(reply.bytes.toString('utf8'), words)
  const json = /json/.test(reply.headers['content-type'] ?? '') ? parseExactly(text) : undefined
  return json === undefined ? { ...head, text } : { ...head, json }
}

/** How many replies had which status, for a step that sends many at once. */
export function countStatuses(replies: readonly ClientReply[]): JsonObject {
  const statuses: Record<string, number> = {}
  for (const reply of replies) {
    const status = reply.kind === 'failed' ? 'undefined' : String(reply.status)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  return { statuses }
}

/** What upstreams received, in an order of its own: they are asked in parallel. */
export function describeSeen(
  seen: readonly SeenRequest[],
  words: Words,
  ignored: readonly string[],
): JsonValue {
  return seen
    .map(({ upstream, method, url, headers, body }) => ({
      upstream,
      method,
      url,
      headers: describeHeaders(headers, [...IGNORED_OF_REQUEST, ...ignored], words),
      ...(body === '' ? {} : { body: unfill(body, words) }),
    }))
    .map((described) => ({ described, key: JSON.stringify(described) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ described }) => described)
}

function describeHeaders(
  headers: IncomingHttpHeaders,
  ignored: readonly string[],
  words: Words,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !ignored.includes(name))
      .map(([name, value]): [string, string] => [
        name,
        unfill(String(value).replace(/Version \S+/, 'Version {version}'), words),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** JSON whose whole numbers beyond 2^53 become `{"$number": digits}`, so that no digit may be lost. */
function parseExactly(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text, keepDigits) as JsonValue
  } catch {
    // not JSON after all: compared as text
    return undefined
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const isLossy = Number.isInteger(value) && !Number.isSafeInteger(value)
  return isLossy && context?.source !== undefined ? { $number: context.source } : value
}
