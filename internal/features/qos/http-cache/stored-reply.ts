import type { UpstreamReply } from '../../../client/client.ts'
import { bodyOf } from '../../../pipe/collect.ts'
import { canonicalHeader, headerValue, headerValues } from '../../../pipe/headers.ts'
import type { HeaderList } from '../../../pipe/pipe.ts'

/** An upstream's answer as it is kept. It crosses threads, so it holds data only. */
export type StoredReply = {
  status: number
  headers: string[]
  /** One character for each byte. */
  body: string
  /** When it was asked for and when it came, in milliseconds since the epoch. */
  requestedMs: number
  receivedMs: number
  /** What its `Vary` names, with the values of the request that it answered: name, value, name, value, ... */
  varied: string[]
}

/** An answer made of what is kept. */
export function replyOf({ status, body }: StoredReply, headers: HeaderList): UpstreamReply {
  return {
    status,
    header: (lowerName) => headerValue(headers, lowerName),
    headerList: () => headers,
    body: bodyOf(Buffer.from(body, 'latin1')),
  }
}

/** Every item of a header that is a list, from all its lines. */
export const listItems = (headers: HeaderList, lowerName: string): string[] =>
  headerValues(headers, lowerName)
    .flatMap((line) => line.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** The request headers that an answer depends on, with their values in this request; '' for those it lacks. */
export const variedBy = (replyHeaders: HeaderList, requestHeaders: HeaderList): string[] =>
  [...new Set(listItems(replyHeaders, 'vary').map((name) => name.toLowerCase()))]
    .sort()
    .flatMap((name) => [name, headerValues(requestHeaders, name).join(', ')])

/** The answer would have been the same for this request. */
export function suits({ varied }: StoredReply, requestHeaders: HeaderList): boolean {
  for (let at = 0; at < varied.length; at += 2) {
    const now = headerValues(requestHeaders, varied[at] as string).join(', ')
    if (now !== varied[at + 1]) return false
  }
  return true
}

/** Its size as HTTP/1.1 would write it: what `max_size` counts. */
export function sizeOf({ headers, body }: StoredReply): number {
  let size = STATUS_LINE_BYTES + LINE_END_BYTES + body.length
  for (const part of headers) size += part.length + LINE_END_BYTES
  return size
}
const STATUS_LINE_BYTES = 'HTTP/1.1 200 OK\r\n'.length
/** As long as the `: ` between name and value. */
const LINE_END_BYTES = 2

/** Headers of a connection, which no cache keeps. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailers',
  'transfer-encoding',
  'upgrade',
]

/** The headers that concern the answer itself. */
export function endToEnd(headers: HeaderList): string[] {
  const left = new Set([
    ...HOP_BY_HOP,
    ...listItems(headers, 'connection').map((name) => name.toLowerCase()),
  ])
  return pairs(headers).flatMap(([name, value]) =>
    left.has(name.toLowerCase()) ? [] : [name, value],
  )
}

/** `headers` with all of `newer` in place of what they had by those names, but for those in `kept`. */
export function updated(
  headers: HeaderList,
  newer: HeaderList,
  kept: ReadonlySet<string> = new Set(),
): string[] {
  const changes = pairs(newer).filter(([name]) => !kept.has(name.toLowerCase()))
  const names = new Set(changes.map(([name]) => name.toLowerCase()))
  const old = pairs(headers).filter(([name]) => !names.has(name.toLowerCase()))
  return [...old, ...changes].flatMap(([name, value]) => [canonicalHeader(name), value])
}

const pairs = (headers: HeaderList): [string, string][] =>
  Array.from({ length: headers.length / 2 }, (_all, at) => [
    headers[2 * at] as string,
    headers[2 * at + 1] as string,
  ])
