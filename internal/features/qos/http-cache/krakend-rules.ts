import { parseDuration } from '../../../config/duration.ts'
import { canonicalHeader, headerValue } from '../../../pipe/headers.ts'
import type { HeaderList } from '../../../pipe/pipe.ts'
import type { Asked, CacheRules } from './rules.ts'
import { endToEnd, listItems, updated } from './stored-reply.ts'

const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [A-Z]{3,4}$/

/**
 * The rules of KrakenD's cache, which is one for a single user: `private` and `s-maxage` mean nothing, any status is
 * kept, one variant a URL, and `Vary: *` varies by nothing. Ours is one thing stricter: an answer to a request with
 * `Authorization` is only kept when it is `public`.
 */
export const krakendRules: CacheRules = {
  use(stored, asked, nowMs) {
    const wanted = directivesOf(asked.headers)
    if (wanted.has('no-cache')) return 'unusable'
    const allowed = directivesOf(stored.headers)
    if (allowed.has('no-cache')) return 'stale'
    if (wanted.has('only-if-cached')) return 'fresh'
    const dateMs = timeOf(stored.headers, 'date')
    if (dateMs === undefined) return 'stale'
    if (wanted.get('max-stale') === '') return 'fresh'
    const ageMs =
      nowMs - dateMs + secondsMs(wanted.get('min-fresh')) - secondsMs(wanted.get('max-stale'))
    return lifetimeMs(allowed, stored.headers, wanted, dateMs) > ageMs ? 'fresh' : 'stale'
  },

  // What is kept and must be asked for again is asked for, all the same.
  refuses: (asked, stored) =>
    stored === undefined && directivesOf(asked.headers).has('only-if-cached'),

  mayStore(asked, { headers }) {
    const allowed = directivesOf(headers)
    if (allowed.has('no-store') || directivesOf(asked.headers).has('no-store')) return false
    return headerValue(asked.headers, 'authorization') === undefined || allowed.has('public')
  },

  mayServeOnError(stored, asked, nowMs) {
    const graces = [directivesOf(stored.headers), directivesOf(asked.headers)].flatMap(
      (directives) => directives.get('stale-if-error') ?? [],
    )
    if (graces.includes('')) return true
    const dateMs = timeOf(stored.headers, 'date')
    const grace = graces.at(-1)
    return grace !== undefined && dateMs !== undefined && secondsMs(grace) > nowMs - dateMs
  },

  // KrakenD's cache knows no unsafe methods: what was kept of a GET stays after a POST.
  invalidates: (method) => method === 'GET',

  marked(headers, asked) {
    const marks = listItems(headers, 'vary').flatMap((name) => mark(name, asked))
    return marks.length === 0 ? headers : updated(headers, marks)
  },
  served: (stored) => stored.headers,
  confirmed: (stored, newer) => updated(stored.headers, endToEnd(newer)),
  keepsVariants: false,
}

/** `X-Varied-Accept-Language: de`, which clients of a `no-op` endpoint see. */
function mark(name: string, asked: Asked): string[] {
  const value = headerValue(asked.headers, name.toLowerCase()) ?? ''
  return value === '' ? [] : [`X-Varied-${canonicalHeader(name)}`, value]
}

/** `max-age` of the answer, or else its `Expires`; the request's `max-age` takes the place of both. */
function lifetimeMs(
  allowed: ReadonlyMap<string, string>,
  headers: HeaderList,
  wanted: ReadonlyMap<string, string>,
  dateMs: number,
): number {
  const maxAge = wanted.get('max-age') ?? allowed.get('max-age')
  if (maxAge !== undefined) return secondsMs(maxAge)
  return (timeOf(headers, 'expires') ?? dateMs) - dateMs
}

/** 0 for what is no number of seconds. */
function secondsMs(seconds: string | undefined): number {
  if (seconds === undefined) return 0
  const parsed = parseDuration(`${seconds}s`)
  return 'ms' in parsed ? parsed.ms : 0
}

function timeOf(headers: HeaderList, lowerName: string): number | undefined {
  const text = headerValue(headers, lowerName)
  if (text === undefined || !DATE.test(text)) return undefined
  const timeMs = Date.parse(text)
  return Number.isNaN(timeMs) ? undefined : timeMs
}

/** What stands in the first `Cache-Control`, names as written; a value keeps its blanks, and is no number then. */
function directivesOf(headers: HeaderList): ReadonlyMap<string, string> {
  const line = headerValue(headers, 'cache-control')
  if (line === undefined) return NONE
  return new Map(
    line.split(',').map((part) => {
      const [name = '', value = ''] = trimmed(part).split('=')
      return [trimmed(name), value]
    }),
  )
}
const trimmed = (text: string): string => text.replace(/^ +| +$/g, '')
const NONE: ReadonlyMap<string, string> = new Map()
