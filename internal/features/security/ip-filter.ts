import { type Options, optionsOf } from '../../config/options.ts'
import { ConfigError } from '../../errors.ts'
import { addressBlocks } from '../../pipe/address-blocks.ts'
import { type ClientAddress, clientAddress } from '../../pipe/client-address.ts'
import { canonicalHeader } from '../../pipe/headers.ts'
import { endpointLogName } from '../../pipe/inner-names.ts'
import type { Decorator, Handler, JsonValue, Reply } from '../../pipe/pipe.ts'
import {
  type HandlerFeature,
  pathOf,
  type Scope,
  type ServiceFeature,
  type ServicePlace,
} from '../feature.ts'

const NAMESPACE = 'security/ip-filter'
const FORBIDDEN: Reply = Object.freeze({ status: 403, headers: [], body: undefined })
/** Asked for the client's address when `trusted_proxies` is there and no list of headers. */
const USUAL_HEADERS = ['X-Forwarded-For', 'X-Real-Ip', 'X-Appengine-Remote-Addr']

/** `security/ip-filter` of the service: 403 to client addresses that may not come in, on every path, health included. */
export const ipFilterOfService: ServiceFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) =>
    filter(config, place, { ...scope, at: pathOf(NAMESPACE, place), prefix: '[SERVICE: Gin]' }),
}

/** `security/ip-filter` of an endpoint. */
export const ipFilter: HandlerFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) =>
    filter(config, place, {
      ...scope,
      at: pathOf(NAMESPACE, place),
      prefix: endpointLogName(place.endpoint),
    }),
}

type Where = Pick<Scope, 'log'> & { readonly at: string; readonly prefix: string }

/** With `allow` only the listed come in; without it they alone stay out. An address nobody can read never comes in. */
function filter(config: JsonValue, { service }: ServicePlace, where: Where): Decorator<Handler> {
  const { at, log, prefix } = where
  const options = optionsOf(config, at)
  if (!options.has('CIDR'))
    throw new ConfigError('a list of addresses is wanted', { path: options.path('CIDR') })
  const isListed = addressBlocks(options.texts('CIDR'), options.path('CIDR'))
  const isAny = addressBlocks(EVERYBODY, at)
  const listedMayPass = options.flag('allow')
  const addressOf = ownAddress(options, service)
  if (believesAnyone(options, service))
    log.warning(
      `${at}: any client can choose its address by a header: list trusted_proxies here or in extra_config.router`,
    )
  return (next) =>
    function filterAddresses(request, deadline) {
      const address = addressOf?.(request.peerAddress, request.headers) ?? request.clientAddress
      if (isAny(address) && isListed(address) === listedMayPass) return next(request, deadline)
      log.error(`${prefix}[IP-Filter]`, `address rejected: ${address}`)
      return Promise.resolve(FORBIDDEN)
    }
}

const EVERYBODY = ['0.0.0.0/0', '::/0']

/** The client's address by headers or proxies of the filter's own; `undefined` when the router's serve. */
function ownAddress(
  options: Options,
  { router }: ServicePlace['service'],
): ClientAddress | undefined {
  const headers = options.texts('client_ip_headers')
  const proxies = options.texts('trusted_proxies')
  if (headers.length === 0 && proxies.length === 0) return undefined
  return clientAddress(
    {
      forwardedByClientIp: true,
      remoteIpHeaders: headers.length === 0 ? USUAL_HEADERS : headers.map(canonicalHeader),
      trustedProxies: proxies.length === 0 ? router.trustedProxies : proxies,
      appEngine: false,
    },
    options.path('trusted_proxies'),
  )
}

function believesAnyone(options: Options, { router }: ServicePlace['service']): boolean {
  const proxies = options.texts('trusted_proxies')
  const readsHeaders = proxies.length > 0 || options.texts('client_ip_headers').length > 0
  if (!readsHeaders && !router.forwardedByClientIp) return false
  const trusted = proxies.length > 0 ? proxies : router.trustedProxies
  return EVERYBODY.some((block) => trusted.includes(block))
}
