import { headerValue, headerValues, withHeader } from '../../../pipe/headers.ts'
import type { HeaderList } from '../../../pipe/pipe.ts'
import { type Directives, directives } from './directives.ts'
import type { CacheRules } from './rules.ts'
import { endToEnd, listItems, type StoredReply, updated } from './stored-reply.ts'

const SECOND_MS = 1000
/** Statuses that may be kept without being told so (RFC 9110, 15.1), as far as a validator can confirm them. */
const USUALLY_KEPT = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
const NEVER_KEPT = new Set([206, 304])
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
/** A 304 says nothing about the body that it has not (RFC 9111, 3.2). */
const NOT_CONFIRMED = new Set(['content-encoding', 'content-length', 'content-range'])

/**
 * A shared cache by RFC 9111. It guesses no lifetimes: an answer that names none is kept only to be confirmed, so it
 * needs an `ETag` or a `Last-Modified`.
 */
export const standardRules: CacheRules = {
  use(stored, asked, nowMs) {
    const wanted = wantedBy(asked.headers)
    const allowed = allowedBy(stored.headers)
    if (wanted.has('no-cache') || allowed.has('no-cache')) return 'stale'
    const age = ageSeconds(stored, nowMs)
    const maxAge = wanted.seconds('max-age')
    if (maxAge !== undefined && age > maxAge) return 'stale'
    const left = lifetimeSeconds(stored, allowed) - age
    if (left > 0) return left >= (wanted.seconds('min-fresh') ?? 0) ? 'fresh' : 'stale'
    if (mustRevalidate(allowed) || !wanted.has('max-stale')) return 'stale'
    const grace = wanted.seconds('max-stale') ?? Number.POSITIVE_INFINITY
    return -left <= grace ? 'fresh' : 'stale'
  },

  refuses: ({ method, headers }) => SAFE.has(method) && wantedBy(headers).has('only-if-cached'),

  mayStore(asked, { status, headers }) {
    const allowed = allowedBy(headers)
    if (NEVER_KEPT.has(status) || allowed.has('no-store') || allowed.has('private')) return false
    if (wantedBy(asked.headers).has('no-store') || listItems(headers, 'vary').includes('*'))
      return false
    if (headerValue(asked.headers, 'authorization') !== undefined && !isForAll(allowed))
      return false
    if (namesLifetime(allowed, headers)) return true
    return (allowed.has('public') || USUALLY_KEPT.has(status)) && hasValidator(headers)
  },

  mayServeOnError(stored, asked, nowMs) {
    const allowed = allowedBy(stored.headers)
    if (mustRevalidate(allowed) || allowed.has('no-cache')) return false
    const grace =
      allowed.seconds('stale-if-error') ?? wantedBy(asked.headers).seconds('stale-if-error')
    if (grace === undefined) return false
    return ageSeconds(stored, nowMs) - lifetimeSeconds(stored, allowed) < grace
  },

  invalidates: (method, status) => !SAFE.has(method) && status >= 200 && status < 400,

  marked: (headers) => headers,
  served: (stored, nowMs) =>
    withHeader(stored.headers, 'Age', String(Math.floor(ageSeconds(stored, nowMs)))),
  confirmed: (stored, newer) => updated(stored.headers, endToEnd(newer), NOT_CONFIRMED),
  keepsVariants: true,
}

/** `Pragma: no-cache` counts where there is no `Cache-Control` (RFC 9111, 5.4). */
function wantedBy(headers: HeaderList): Directives {
  const lines = headerValues(headers, 'cache-control')
  return directives(lines.length > 0 ? lines : headerValues(headers, 'pragma'))
}

const allowedBy = (headers: HeaderList): Directives =>
  directives(headerValues(headers, 'cache-control'))

const mustRevalidate = (allowed: Directives): boolean =>
  allowed.has('must-revalidate') || allowed.has('proxy-revalidate') || allowed.has('s-maxage')

/** RFC 9111, 3.5. */
const isForAll = (allowed: Directives): boolean =>
  allowed.has('public') || allowed.has('s-maxage') || allowed.has('must-revalidate')

const namesLifetime = (allowed: Directives, headers: HeaderList): boolean =>
  allowed.has('s-maxage') || allowed.has('max-age') || headerValue(headers, 'expires') !== undefined

const hasValidator = (headers: HeaderList): boolean =>
  headerValue(headers, 'etag') !== undefined || headerValue(headers, 'last-modified') !== undefined

/** RFC 9111, 4.2.1. What cannot be read is over already. */
function lifetimeSeconds(stored: StoredReply, allowed: Directives): number {
  if (allowed.has('s-maxage')) return allowed.seconds('s-maxage') ?? 0
  if (allowed.has('max-age')) return allowed.seconds('max-age') ?? 0
  const expiresMs = Date.parse(headerValue(stored.headers, 'expires') ?? '')
  if (Number.isNaN(expiresMs)) return 0
  return (expiresMs - dateMs(stored)) / SECOND_MS
}

/** RFC 9111, 4.2.3: what the answer had behind it when it came, and the time since. */
function ageSeconds(stored: StoredReply, nowMs: number): number {
  const { requestedMs, receivedMs } = stored
  const apparentMs = Math.max(0, receivedMs - dateMs(stored))
  const told = headerValue(stored.headers, 'age') ?? ''
  const toldMs = /^\d+$/.test(told) ? Number(told) * SECOND_MS : 0
  const initialMs = Math.max(apparentMs, toldMs + receivedMs - requestedMs)
  return (initialMs + Math.max(0, nowMs - receivedMs)) / SECOND_MS
}

/** An answer without `Date` was made when it came. */
function dateMs({ headers, receivedMs }: StoredReply): number {
  const timeMs = Date.parse(headerValue(headers, 'date') ?? '')
  return Number.isNaN(timeMs) ? receivedMs : timeMs
}
