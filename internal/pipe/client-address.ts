import type { RouterConfig } from '../config/types.ts'
import { addressBlocks, isAddress, withoutMapping } from './address-blocks.ts'
import { headerValue, headerValues } from './headers.ts'
import type { HeaderList } from './pipe.ts'

/** The address of the client behind a connection from `peerAddress`, as its `headers` and our trust tell. */
export type ClientAddress = (peerAddress: string, headers: HeaderList) => string
export type ClientAddressConfig = Pick<
  RouterConfig,
  'forwardedByClientIp' | 'remoteIpHeaders' | 'trustedProxies' | 'appEngine'
>

type IsTrusted = (address: string) => boolean

const APP_ENGINE_HEADER = 'x-appengine-remote-addr'

/**
 * Compiles who is asked for a client's address (gin's `ClientIP`). When the peer is trusted, each header is
 * read from the right, over trusted proxies to the first address that is not; an item that is no address
 * voids its header. Without a valid header it is the peer. `path` is where the proxies are configured.
 */
export function clientAddress(
  config: ClientAddressConfig,
  path = 'extra_config.router.trusted_proxies',
): ClientAddress {
  const names = config.forwardedByClientIp
    ? config.remoteIpHeaders.map((name) => name.toLowerCase())
    : []
  const isTrusted = addressBlocks(config.trustedProxies, path)

  function fromProxies(headers: HeaderList, peer: string): string {
    let isPeerTrusted: boolean | undefined
    for (const name of names) {
      if (headerValue(headers, name) === undefined) continue
      isPeerTrusted ??= isTrusted(peer)
      if (!isPeerTrusted) return peer
      const address = fromHeader(headerValues(headers, name).join(','), isTrusted)
      if (address !== undefined) return address
    }
    return peer
  }

  return (peerAddress, headers) => {
    if (config.appEngine) {
      const address = headerValue(headers, APP_ENGINE_HEADER)
      if (address !== undefined && address !== '') return address
    }
    return fromProxies(headers, withoutMapping(peerAddress))
  }
}

function fromHeader(value: string, isTrusted: IsTrusted): string | undefined {
  const items = value.split(',')
  for (let at = items.length - 1; at >= 0; at--) {
    const item = (items[at] as string).trim()
    if (!isAddress(item)) return undefined
    if (at === 0 || !isTrusted(item)) return item
  }
  return undefined
}
