import { ConfigError } from '../../errors.ts'
import { headerValue, withHeader, withoutHeader } from '../../pipe/headers.ts'
import type { ClientRequest, Reply } from '../../pipe/pipe.ts'
import { parseQuery } from '../../pipe/query.ts'
import { type EndpointPlace, type HandlerFeature, pathOf } from '../feature.ts'
import { knownKeys } from './api-keys/known-keys.ts'
import { type Options, optionsOf } from './options.ts'

const NAMESPACE = 'auth/api-keys'
const STRATEGIES = ['header', 'query_string'] as const
/** What a backend is told when the endpoint asks for no role. */
const ANY_ROLE = 'ANY'
const UNAUTHORIZED: Reply = Object.freeze({ status: 401, headers: [], body: undefined })

/**
 * `auth/api-keys` of an endpoint: lets only requests with a key of the service in, and of the right role where roles
 * are asked for; 401 otherwise.
 */
export const apiKeys: HandlerFeature = {
  namespace: NAMESPACE,
  prepare(config, place) {
    const own = optionsOf(config, pathOf(NAMESPACE, place))
    const service = serviceOptions(place, own)
    refuseLimits(own)
    const rolesOf = knownKeys(service)
    const findKey = keyFinder(own, service)
    const wanted = own.texts('roles')
    const roleHeader = own.text('propagate_role') || service.text('propagate_role')
    return (next) =>
      function checkKey(request, deadline) {
        const key = findKey(request)
        const roles = key === undefined || key === '' ? undefined : rolesOf(key)
        if (roles === undefined) return Promise.resolve(UNAUTHORIZED)
        const role = wanted.length === 0 ? ANY_ROLE : roles.find((one) => wanted.includes(one))
        if (role === undefined) return Promise.resolve(UNAUTHORIZED)
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
  return optionsOf(config, `extra_config."${NAMESPACE}"`)
}

/** A limit that is not kept would be worse than none. */
function refuseLimits(own: Options): void {
  for (const key of ['client_max_rate', 'client_capacity'])
    if (own.has(key))
      throw own.wrong(
        key,
        'is not supported',
        '"qos/ratelimit/router" with "strategy": "header" and "key" naming the header of the API key',
      )
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
