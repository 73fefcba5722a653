import type { BackendConfig } from '../../config/types.ts'
import { ConfigError } from '../../errors.ts'
import { bodyOf } from '../../pipe/collect.ts'
import { headerValues } from '../../pipe/headers.ts'
import type { JsonObject, ProxyRequest, ProxyResponse } from '../../pipe/pipe.ts'
import { goTime } from '../../telemetry/go-time.ts'
import { type BackendFeature, type BackendPlace, pathOf, type Scope } from '../feature.ts'
import { requestBindings } from '../validation/cel/bindings.ts'
import { celExpression } from '../validation/cel/expression.ts'

const NAMESPACE = 'backend/conditional'
const STRATEGIES = 'header, policy, fallback'

/**
 * `backend/conditional`: calls a backend only for requests with a header (`header`), that a CEL expression holds for
 * (`policy`), or that no other conditional backend of the endpoint is called for (`fallback`). A backend that is not
 * called adds nothing to the answer, which stays complete.
 */
export const conditional: BackendFeature = {
  namespace: NAMESPACE,
  prepare(_config, place, scope) {
    const holds = conditionOf(place, scope)
    const skipped = place.backend.encoding === 'no-op' ? NO_CONTENT : NOTHING
    return (next) =>
      function callOnCondition(request, deadline) {
        return holds(request) ? next(request, deadline) : Promise.resolve(skipped)
      }
  },
}

type Condition = (request: ProxyRequest) => boolean

function conditionOf(place: BackendPlace, scope: Scope): Condition {
  const at = pathOf(NAMESPACE, place)
  const { strategy, name = '', value = '' } = optionsOf(place.backend, at)
  if (typeof name !== 'string') throw wrong(`${at}.name`, 'must be a text')
  if (typeof value !== 'string') throw wrong(`${at}.value`, 'must be a text')
  if (strategy === 'header') return headerCondition({ name, value, at }, place, scope)
  if (strategy === 'policy') return policy(value, `${at}.value`, place, scope)
  if (strategy === 'fallback') return fallback(place, scope)
  throw wrong(`${at}.strategy`, `must be one of ${STRATEGIES}`)
}

function optionsOf(backend: BackendConfig, at: string): JsonObject {
  const options = backend.extraConfig[NAMESPACE]
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options
  throw wrong(at, 'must be an object')
}

const wrong = (path: string, message: string): ConfigError => new ConfigError(message, { path })

type Header = { readonly name: string; readonly value: string; readonly at: string }

function headerCondition(
  { name, value, at }: Header,
  place: BackendPlace,
  { log }: Scope,
): Condition {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw wrong(`${at}.name`, 'must name a header')
  const lowerName = name.toLowerCase()
  const passes = place.endpoint.inputHeaders.map((each) => each.toLowerCase())
  if (!passes.includes('*') && !passes.includes(lowerName))
    log.warning(
      `${at}.name: ${name} is not among the endpoint's input_headers: nobody ever sees it`,
    )
  return ({ headers }) => {
    const values = headerValues(headers, lowerName)
    return value === '' ? values.length > 0 : values.includes(value)
  }
}

function policy(
  source: string,
  path: string,
  { endpoint }: BackendPlace,
  { now }: Scope,
): Condition {
  const owner = `${endpoint.method} ${endpoint.endpoint}`
  const expression = celExpression(source, { path, owner })
  if (expression.refusesAll || expression.phases.some((phase) => phase !== 'req'))
    throw wrong(path, 'must be a condition on the request (req_headers, req_params, ...)')
  const print = goTime('2006-01-02T15:04:05.999Z07:00')
  const clock = () => print(new Date(now()))
  return (request) => expression.evaluate(requestBindings(request, clock)) === true
}

/** Holds when no other conditional backend of the endpoint is called. */
function fallback(place: BackendPlace, scope: Scope): Condition {
  const others = place.endpoint.backends
    .filter((backend) => {
      const options = backend.extraConfig[NAMESPACE]
      return options !== undefined && optionsOf(backend, NAMESPACE)['strategy'] !== 'fallback'
    })
    .map((backend) => conditionOf({ ...place, backend }, scope))
  return (request) => !others.some((holds) => holds(request))
}

const NOTHING: ProxyResponse = Object.freeze({
  kind: 'data',
  data: Object.freeze({}) as JsonObject,
  sources: [],
  isComplete: true,
  status: 0,
  headers: [],
  errors: [],
})
const NO_CONTENT: ProxyResponse = Object.freeze({
  kind: 'stream',
  status: 204,
  headers: [],
  body: bodyOf(Buffer.alloc(0)),
  isComplete: true,
  errors: [],
})
