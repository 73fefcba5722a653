import type { EndpointConfig } from '../config/types.ts'
import { canonicalHeader, headerValue } from '../pipe/headers.ts'
import { capitalised } from '../pipe/params.ts'
import type { ClientRequest, HeaderList, Params, ProxyRequest, QueryList } from '../pipe/pipe.ts'
import { parseQuery } from '../pipe/query.ts'
import { USER_AGENT } from './version-header.ts'

/** What an endpoint passes on of a client's request. */
export type ToRequest = (request: ClientRequest) => ProxyRequest

const ALL = '*'
/** All that passes when `input_headers` is empty. */
const BY_DEFAULT: readonly string[] = ['Content-Type']
const NO_QUERY: QueryList = Object.freeze([])
/** Go's server takes these out of a request's headers. */
const NOT_HEADERS = new Set(['Host', 'Transfer-Encoding', 'Trailer'])

/**
 * Compiles an endpoint's selection: the headers and query strings it lists (`*` passes all), its parameters
 * with a capital first letter, and the gateway's own `User-Agent` and `X-Forwarded-*`.
 */
export function toRequest(
  endpoint: Pick<EndpointConfig, 'inputHeaders' | 'inputQueryStrings'>,
): ToRequest {
  const selectHeaders = headerSelection(endpoint.inputHeaders)
  const selectQuery = querySelection(endpoint.inputQueryStrings)
  const innerName = innerNames()
  return function toProxyRequest(request) {
    return {
      method: request.method,
      host: '',
      path: request.path,
      query: selectQuery(request.rawQuery),
      headers: selectHeaders(request),
      params: innerParams(request.params, innerName),
      body: request.body,
    }
  }
}

/** `id` as `Id`, in one new object. */
function innerParams(params: Params, innerName: (name: string) => string): Params {
  const inner: Record<string, string> = {}
  for (const name in params) inner[innerName(name)] = params[name] as string
  return inner
}

/** Names come from the configuration's patterns, so these stay few. */
function innerNames(): (name: string) => string {
  const known = new Map<string, string>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const inner = capitalised(name)
    known.set(name, inner)
    return inner
  }
}

const isHeader = (name: string): boolean => !NOT_HEADERS.has(name)

type SelectHeaders = (request: ClientRequest) => HeaderList

function headerSelection(inputHeaders: readonly string[]): SelectHeaders {
  const wanted = inputHeaders.length === 0 ? BY_DEFAULT : inputHeaders
  const passes = wanted.includes(ALL) ? isHeader : listed(wanted.filter(isHeader))
  const mayPass = wanted.includes(ALL) ? () => true : ofTheseLengths(wanted)
  const passesCacheControl = passes('Cache-Control')

  return (request) => {
    const { headers } = request
    const selected: string[] = []
    let hasUserAgent = false
    let via = -1
    for (let at = 0; at < headers.length; at += 2) {
      const written = headers[at] as string
      if (!mayPass(written)) continue
      const name = canonicalHeader(written)
      if (!passes(name) || name === 'X-Forwarded-For' || name === 'X-Forwarded-Host') continue
      if (name === 'User-Agent') hasUserAgent = true
      else if (name === 'X-Forwarded-Via') {
        if (via >= 0) continue
        via = selected.length
      }
      selected.push(name, headers[at + 1] as string)
    }
    if (passesCacheControl && isPragmaAlone(headers)) selected.push('Cache-Control', 'no-cache')
    selected.push('X-Forwarded-For', request.clientAddress, 'X-Forwarded-Host', request.host)
    if (!hasUserAgent) selected.push('User-Agent', USER_AGENT)
    else if (via < 0) selected.push('X-Forwarded-Via', USER_AGENT)
    else selected[via + 1] = USER_AGENT
    return selected
  }
}

/** HTTP/1.0's way to ask for a fresh answer: Go's server says it in today's words too. */
const isPragmaAlone = (headers: HeaderList): boolean =>
  headerValue(headers, 'pragma') === 'no-cache' &&
  headerValue(headers, 'cache-control') === undefined

function listed(names: readonly string[]): (name: string) => boolean {
  const set = new Set(names)
  return (name) => set.has(name)
}

/** A cheap first look: most headers of a client have another length than those that pass. */
function ofTheseLengths(names: readonly string[]): (name: string) => boolean {
  const longest = Math.max(...names.map(({ length }) => length))
  const lengths: boolean[] = new Array(longest + 1).fill(false)
  for (const { length } of names) lengths[length] = true
  return (name) => name.length <= longest && lengths[name.length] === true
}

function querySelection(inputQueryStrings: readonly string[]): (rawQuery: string) => QueryList {
  if (inputQueryStrings.length === 0) return () => NO_QUERY
  if (inputQueryStrings.includes(ALL)) return parseQuery
  const wanted = new Set(inputQueryStrings)
  return (rawQuery) => {
    const list = parseQuery(rawQuery)
    const selected: string[] = []
    for (let at = 0; at < list.length; at += 2)
      if (wanted.has(list[at] as string)) selected.push(list[at] as string, list[at + 1] as string)
    return selected
  }
}
