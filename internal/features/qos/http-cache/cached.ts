import type { Call, Send, UpstreamReply } from '../../../client/client.ts'
import { bodyOf } from '../../../pipe/collect.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import { headerValue, withHeader, withoutHeader } from '../../../pipe/headers.ts'
import type { HeaderList } from '../../../pipe/pipe.ts'
import { keepBody } from './keep-body.ts'
import type { RemoteStore } from './remote-store.ts'
import type { CacheRules } from './rules.ts'
import { replyOf, type StoredReply, variedBy } from './stored-reply.ts'

export type CachedOptions = {
  readonly store: RemoteStore
  readonly rules: CacheRules
  readonly largestBytes: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Answers calls from the store as far as `rules` allow, and keeps what comes. Calls that miss at the same time each
 * go upstream: only its answer tells whether it may be another's too.
 */
export function cached(send: Send, options: CachedOptions): Send {
  const { store, rules, now } = options
  return async function sendCached(call, deadline) {
    if (!isCacheable(call)) return passed(send, call, deadline, options)
    const key = keyOf(call.method, call)
    const stored = await store.get(key, call.headers, deadline)
    const use = stored === undefined ? 'unusable' : rules.use(stored, call, now())
    if (stored !== undefined && use === 'fresh') return replyOf(stored, rules.served(stored, now()))
    if (rules.refuses(call, stored)) return NOT_CACHED
    return fetched({ send, call, deadline, key, stored, isStale: use === 'stale' }, options)
  }
}

/** Only whole answers to GET and HEAD are kept. */
const isCacheable = ({ method, headers }: Call): boolean =>
  (method === 'GET' || method === 'HEAD') && headerValue(headers, 'range') === undefined

const keyOf = (method: string, { origin, path }: Call): string => `${method} ${origin}${path}`

/** What a client gets that wants nothing from the upstream, when nothing is kept. */
const NOT_CACHED: UpstreamReply = Object.freeze({
  status: 504,
  header: () => undefined,
  headerList: () => [],
  body: bodyOf(Buffer.alloc(0)),
})

async function passed(
  send: Send,
  call: Call,
  deadline: Deadline,
  { store, rules }: CachedOptions,
): Promise<UpstreamReply> {
  const reply = rules.refuses(call, undefined) ? NOT_CACHED : await send(call, deadline)
  if (rules.invalidates(call.method, reply.status))
    await Promise.all([store.delete(keyOf('GET', call)), store.delete(keyOf('HEAD', call))])
  return reply
}

type Fetch = {
  readonly send: Send
  readonly call: Call
  readonly deadline: Deadline
  readonly key: string
  readonly stored: StoredReply | undefined
  /** `stored` may be confirmed. */
  readonly isStale: boolean
}

async function fetched(fetch: Fetch, options: CachedOptions): Promise<UpstreamReply> {
  const { send, call, deadline, stored } = fetch
  const { rules, now } = options
  const requestedMs = now()
  const asked = fetch.isStale && stored !== undefined ? withValidators(call, stored) : call
  const saves = (): boolean =>
    stored !== undefined && call.method === 'GET' && rules.mayServeOnError(stored, call, now())
  let reply: UpstreamReply
  try {
    reply = await send(asked, deadline)
  } catch (error) {
    if (stored === undefined || deadline.isOver || !saves()) throw error
    return replyOf(stored, rules.served(stored, now()))
  }
  if (stored !== undefined && asked !== call && reply.status === 304)
    return confirmed(stored, reply, requestedMs, fetch, options)
  if (stored !== undefined && reply.status >= 500 && saves()) {
    reply.body.destroy()
    return replyOf(stored, rules.served(stored, now()))
  }
  return taken(reply, requestedMs, fetch, options)
}

/** Asks the upstream for its answer unless it is still the stored one. */
function withValidators(call: Call, { headers }: StoredReply): Call {
  if (call.method !== 'GET') return call
  const etag = headerValue(headers, 'etag') ?? ''
  const modified = headerValue(headers, 'last-modified') ?? ''
  if (etag === '' && modified === '') return call
  const own = withoutHeader(withoutHeader(call.headers, 'if-none-match'), 'if-modified-since')
  const byTag = etag === '' ? own : withHeader(own, 'If-None-Match', etag)
  return {
    ...call,
    headers: modified === '' ? byTag : withHeader(byTag, 'If-Modified-Since', modified),
  }
}

/** The upstream says that what is stored still holds: it is used with the headers that came with that. */
async function confirmed(
  stored: StoredReply,
  reply: UpstreamReply,
  requestedMs: number,
  { call, key }: Fetch,
  { store, rules, now }: CachedOptions,
): Promise<UpstreamReply> {
  reply.body.start({ data: () => true, end() {}, error() {} })
  const headers = rules.confirmed(stored, reply.headerList())
  const renewed = { ...stored, headers, requestedMs, receivedMs: now() }
  if (rules.mayStore(call, renewed)) await store.set(key, renewed, rules.keepsVariants)
  else await store.delete(key)
  return replyOf(renewed, rules.served(renewed, now()))
}

/** A new answer: kept once it has passed, when it may be; what was kept before is out of date. */
async function taken(
  reply: UpstreamReply,
  requestedMs: number,
  { call, deadline, key, stored }: Fetch,
  { store, rules, largestBytes, now }: CachedOptions,
): Promise<UpstreamReply> {
  const receivedMs = now()
  const headers = reply.headerList()
  const mayStore = rules.mayStore(call, { status: reply.status, headers })
  if (stored !== undefined && (!mayStore || reply.status !== 200)) await store.delete(key)
  if (!mayStore) return reply
  const marked = rules.marked(headers, call)
  const varied = variedBy(headers, call.headers)
  const keep = (bytes: Buffer): Promise<void> =>
    store.set(
      key,
      {
        status: reply.status,
        headers: [...marked],
        body: bytes.toString('latin1'),
        requestedMs,
        receivedMs,
        varied,
      },
      rules.keepsVariants,
    )
  return withBody(reply, marked, keepBody(reply.body, deadline, largestBytes, keep))
}

const withBody = (
  reply: UpstreamReply,
  headers: HeaderList,
  body: UpstreamReply['body'],
): UpstreamReply => ({
  status: reply.status,
  header: (lowerName) => reply.header(lowerName),
  headerList: () => headers,
  body,
})
