import { isIPv4 } from 'node:net'
import { headerValue } from '../../../pipe/headers.ts'
import type { ClientRequest } from '../../../pipe/pipe.ts'

/** What tells clients apart. Nobody can be told apart by `''`: such a request is refused. */
export type ClientKey = (request: ClientRequest) => string

/** By the name that `strategy` gives them, in small letters; `key` is a header's or a parameter's name. */
export const STRATEGIES = {
  ip: (key) => (key === '' ? clientAddress : namedAddress(key.toLowerCase())),
  header: (key) => headerOf(key.toLowerCase()),
  param: (key) =>
    function paramKey(request) {
      return request.params[key] ?? ''
    },
} as const satisfies Record<string, (key: string) => ClientKey>

export type Strategy = keyof typeof STRATEGIES

export const isStrategy = (name: string): name is Strategy => Object.hasOwn(STRATEGIES, name)

const clientAddress: ClientKey = (request) => request.clientAddress

/**
 * The first address of a header's list, without a port. As in KrakenD it is cut at the first colon, so only IPv4
 * addresses are found there; anything else leaves the client's own address. The header is believed.
 */
function namedAddress(lowerName: string): ClientKey {
  const header = headerOf(lowerName)
  return function addressKey(request) {
    const [first = ''] = header(request).split(',', 1)
    const [address = ''] = first.trim().split(':', 1)
    return isIPv4(address) ? address : request.clientAddress
  }
}

/** The first value of a header. `Host` is none: Go keeps it elsewhere. */
function headerOf(lowerName: string): ClientKey {
  if (lowerName === 'host') return () => ''
  return function headerKey(request) {
    return headerValue(request.headers, lowerName) ?? ''
  }
}
