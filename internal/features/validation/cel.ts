import { ConfigError, GatewayError } from '../../errors.ts'
import { backendLogName, endpointLogName } from '../../pipe/inner-names.ts'
import type { Decorator, JsonValue, Pipe, ProxyResponse } from '../../pipe/pipe.ts'
import { goTime } from '../../telemetry/go-time.ts'
import {
  type BackendFeature,
  type BackendPlace,
  type EndpointPlace,
  type PipeFeature,
  pathOf,
  type Scope,
} from '../feature.ts'
import { requestBindings, responseBindings, tokenBindings } from './cel/bindings.ts'
import { type Evaluators, evaluatorsOf, firstRefusal } from './cel/evaluators.ts'
import { type NumbersOf, numbersOfBackend, numbersOfEndpoint } from './cel/numbers.ts'

const NAMESPACE = 'validation/cel'

/**
 * `validation/cel` of an endpoint: a request, a response or a token must make all its expressions true. A request
 * or response that does not ends in 500, a token in 401. What failed or is partial is not looked at.
 */
export const cel: PipeFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const prefix = `${endpointLogName(place.endpoint)}[CEL]`
    const evaluators = prepared(config, place, scope)
    registerToken(evaluators, place, prefix, scope)
    return conditions(evaluators, {
      ...scope,
      prefix,
      numbersOf: numbersOfEndpoint(place.endpoint),
    })
  },
}

/** `validation/cel` of a backend: one that is not true drops that backend's part of the answer. */
export const backendCel: BackendFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const prefix = `${backendLogName(place.backend)}[CEL]`
    const evaluators = prepared(config, place, scope)
    if (evaluators.JWT.length > 0)
      throw new ConfigError('never evaluated: only an endpoint sees tokens, no backend does', {
        path: pathOf(NAMESPACE, place),
      })
    return conditions(evaluators, { ...scope, prefix, numbersOf: numbersOfBackend(place.backend) })
  },
}

const prepared = (
  config: JsonValue,
  place: EndpointPlace | BackendPlace,
  scope: Scope,
): Evaluators => {
  const owner = `${place.endpoint.method} ${place.endpoint.endpoint}`
  return evaluatorsOf(config, { path: pathOf(NAMESPACE, place), owner }, scope.log)
}

type Surroundings = Pick<Scope, 'log' | 'now'> & {
  readonly prefix: string
  readonly numbersOf: NumbersOf
}

/** KrakenD's `now`: local time with what milliseconds there are. */
function clock({ now }: Pick<Scope, 'now'>): () => string {
  const print = goTime('2006-01-02T15:04:05.999Z07:00')
  return () => print(new Date(now()))
}

function conditions({ req, resp }: Evaluators, around: Surroundings): Decorator<Pipe> | undefined {
  if (req.length === 0 && resp.length === 0) return undefined
  const { log, prefix, numbersOf } = around
  const now = clock(around)
  const before = firstRefusal(req, { log, prefix: `${prefix}[pre]`, noun: 'Evaluator' })
  const after = firstRefusal(resp, { log, prefix: `${prefix}[post]`, noun: 'Evaluator' })

  function checked(response: ProxyResponse): ProxyResponse {
    if (response.errors.length > 0) return response
    const refused = after(responseBindings(response, numbersOf, now))
    if (refused < 0) return response
    if (response.kind === 'stream') response.body.destroy()
    throw aborted(refused)
  }

  return (next) =>
    function checkConditions(request, deadline) {
      const refused = req.length === 0 ? -1 : before(requestBindings(request, now))
      if (refused >= 0) return Promise.reject(aborted(refused))
      const response = next(request, deadline)
      return resp.length === 0 ? response : response.then(checked)
    }
}

const aborted = (index: number): GatewayError =>
  new GatewayError('component', { message: `request aborted by evaluator #${index}` })

/** Hands the conditions on tokens to the validator, which alone sees tokens. */
function registerToken(
  { JWT }: Evaluators,
  place: EndpointPlace,
  prefix: string,
  scope: Scope,
): void {
  if (JWT.length === 0) return
  const { endpoint, tokenRejecters } = place
  if (endpoint.extraConfig['auth/validator'] === undefined)
    scope.log.warning(
      `${pathOf(NAMESPACE, place)}: conditions on JWT, and no auth/validator: nobody looks at them, requests pass`,
    )
  const now = clock(scope)
  const refusal = firstRefusal(JWT, { log: scope.log, prefix, noun: 'Rejecter' })
  tokenRejecters.push((claims) => refusal(tokenBindings(claims, now)) >= 0)
}
