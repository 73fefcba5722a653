import { type Options, optionsOf } from '../../config/options.ts'
import { ConfigError } from '../../errors.ts'
import { clientBuckets, IDLE_CLIENT_MS, type TakeToken } from '../../limits/client-buckets.ts'
import { LIMITED, usualCapacity } from '../../limits/token-bucket.ts'
import { headerValue, withHeader, withoutHeader } from '../../pipe/headers.ts'
import type { ClientRequest, Reply } from '../../pipe/pipe.ts'
import { parseQuery } from '../../pipe/query.ts'
import { type EndpointPlace, type HandlerFeature, pathOf, type Scope } from '../feature.ts'
import { knownKeys } from './api-keys/known-keys.ts'

const NAMESPACE = 'auth/api-keys'
const STRATEGIES = ['header', 'query_string'] as const
/** What a backend is told when the endpoint asks for no role. */
const ANY_ROLE = 'ANY'
const UNAUTHORIZED: Reply = Object.freeze({ status: 401, headers: [], body: undefined })
const TOO_MANY: Reply = Object.freeze({
  status: 429,
  headers: [],
  body: undefined,
  errors: [LIMITED],
})
const SECOND_MS = 1000

/**
 * `auth/api-keys` of an endpoint: lets only requests with a key of the service in, and of the right role where roles
 * are asked for; 401 otherwise. Each key may make `client_max_rate` requests a second, beyond which it gets 429.
 */
export const apiKeys: HandlerFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const own = optionsOf(config, pathOf(NAMESPACE, place))
    const service = serviceOptions(place, own)
    const takeToken = keyLimit(own, place, scope)
    const rolesOf = knownKeys(service)
    const findKey = keyFinder(own, service)
    const wanted = own.texts('roles')
    const roleHeader = own.text('propagate_role') || service.text('propagate_role')
    return (next) =>
      function checkKey(request, deadline) {
        const key = findKey(request)
        const roles = key === undefined || key === '' ? undefined : rolesOf(key)
        if (key === undefined || roles === undefined) return Promise.resolve(UNAUTHORIZED)
        const role = wanted.length === 0 ? ANY_ROLE : roles.find((one) => wanted.includes(one))
        if (role === undefined) return Promise.resolve(UNAUTHORIZED)
        if (takeToken?.(key) === false) return Promise.resolve(TOO_MANY)
        if (roleHeader === '') return next(request, deadline)
        const headers = withHeader(
          withoutHeader(request.headers, roleHeader.toLowerCase()),
          roleHeader,
          role,
        )
        return next({ ...request, headers }, deadline)
      }
  },
}

function serviceOptions({ service }: EndpointPlace, own: Options): Options {
  const config = service.extraConfig[NAMESPACE]
  if (config === undefined)
    throw new ConfigError('the service has no "auth/api-keys": every request would get 401', {
      path: own.path('roles'),
    })
  const options = optionsOf(config, `extra_config."${NAMESPACE}"`)
  for (const key of ['client_max_rate', 'client_capacity'])
    if (options.has(key))
      throw options.wrong(key, 'would limit nobody here: it belongs to the endpoints')
  return options
}

/** How many requests of an endpoint one key may make in a second; `undefined` without a limit. */
function keyLimit(own: Options, { endpoint }: EndpointPlace, scope: Scope): TakeToken | undefined {
  const perSecond = amount(own, 'client_max_rate')
  const capacity = Math.trunc(amount(own, 'client_capacity'))
  if (perSecond === 0) return undefined
  return clientBuckets({
    name: `${NAMESPACE} ${endpoint.method} ${endpoint.endpoint}`,
    size: { perSecond, capacity: capacity || usualCapacity(perSecond) },
    // A key that was forgotten starts with a full bucket: not before it would have filled again.
    idleMs: Math.max(IDLE_CLIENT_MS, (2 * SECOND_MS) / perSecond),
    clients: scope.clients,
    clock: scope.clock,
  })
}

/** 0 when absent: no limit. */
function amount(own: Options, key: string): number {
  const value = own.number(key) ?? 0
  if (value >= 0) return value
  throw own.wrong(key, `a value out of range: ${value}`, '0 or more')
}

type FindKey = (request: ClientRequest) => string | undefined

/** An endpoint's own strategy and identifier win over the service's. */
function keyFinder(own: Options, service: Options): FindKey {
  const from = own.has('strategy') ? own : service
  const strategy = from.has('strategy') ? from.oneOf('strategy', STRATEGIES) : 'header'
  const identifier = own.text('identifier') || service.text('identifier')
  if (strategy === 'query_string') {
    const name = identifier || 'key'
    return ({ rawQuery }) => firstIn(parseQuery(rawQuery), name)
  }
  const name = (identifier || 'Authorization').toLowerCase()
  return ({ headers }) =>
    headerValue(headers, name)
      ?.replace(/^bearer /i, '')
      .trim()
}

function firstIn(query: readonly string[], name: string): string | undefined {
  for (let at = 0; at < query.length; at += 2) if (query[at] === name) return query[at + 1]
  return undefined
}
