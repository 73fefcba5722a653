import { type Options, optionsOf, unusable } from '../../config/options.ts'
import { GatewayError } from '../../errors.ts'
import type { Decorator, Pipe } from '../../pipe/pipe.ts'
import { type BackendFeature, type BackendPlace, pathOf, type Scope } from '../feature.ts'
import { type Breaker, breaker, MOST_ERRORS, type Outcome } from './circuit-breaker/breaker.ts'

const NAMESPACE = 'qos/circuit-breaker'
const SECOND_MS = 1000
const USUAL_OPEN_SECONDS = 60

/** gobreaker's words. */
const REFUSALS = { open: 'circuit breaker is open', 'too-many': 'too many requests' } as const

/**
 * `qos/circuit-breaker`: after more than `max_errors` failures in a row the upstream is left alone for `timeout`
 * seconds; then one request tries it, while others still fail at once. Each backend entry has one breaker per
 * process. Requests whose client went away count neither way.
 */
export const circuitBreaker: BackendFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const path = pathOf(NAMESPACE, place)
    const rules = breakerRules(optionsOf(config, path))
    if (rules === undefined) {
      scope.log.warning(`${path}: nothing is set, so there is no circuit breaker`)
      return undefined
    }
    return guarded(breakerAt(rules, place, scope))
  },
}

type Rules = {
  readonly name: string
  readonly intervalSeconds: number
  readonly openSeconds: number
  readonly maxErrors: number
  readonly logsChanges: boolean
}

/** `undefined` when everything is zero or absent: KrakenD takes that for no breaker. */
function breakerRules(options: Options): Rules | undefined {
  const rules = {
    name: options.text('name'),
    intervalSeconds: options.whole('interval', 0),
    openSeconds: options.whole('timeout', 0),
    maxErrors: options.whole('max_errors', 0),
    logsChanges: options.flag('log_status_change'),
  }
  if (rules.maxErrors > MOST_ERRORS)
    throw unusable(
      rules.maxErrors,
      options.path('max_errors'),
      'a value out of range',
      `up to ${MOST_ERRORS}`,
    )
  return Object.values(rules).every((value) => !value) ? undefined : rules
}

function breakerAt(rules: Rules, { endpoint, backend }: BackendPlace, scope: Scope): Breaker {
  const { name, intervalSeconds, openSeconds, maxErrors } = rules
  const place = `${endpoint.method} ${endpoint.endpoint} ${backend.index} ${backend.id}`
  const key = `breaker ${place} ${intervalSeconds} ${openSeconds} ${maxErrors}`
  return breaker({
    word: scope.words.word(key),
    trial: scope.slots.slot(key),
    maxErrors,
    intervalMs: intervalSeconds * SECOND_MS,
    openMs: (openSeconds || USUAL_OPEN_SECONDS) * SECOND_MS,
    clock: scope.clock,
    changed(from, to) {
      if (!rules.logsChanges) return
      scope.log.warning(`[CB] Circuit breaker named '${name}' went from '${from}' to '${to}'`)
    },
  })
}

const guarded = (circuit: Breaker): Decorator<Pipe> =>
  function guardCalls(next) {
    return async function breakCircuit(request, deadline) {
      const ticket = circuit.enter()
      if (typeof ticket === 'string')
        throw new GatewayError('component', { message: REFUSALS[ticket] })
      let outcome: Outcome = 'failure'
      try {
        const response = await next(request, deadline)
        // KrakenD drops what came with an error.
        if (response.errors[0] !== undefined) throw response.errors[0]
        outcome = 'success'
        return response
      } catch (thrown) {
        if (thrown instanceof GatewayError && thrown.code === 'canceled') outcome = 'excluded'
        throw thrown
      } finally {
        circuit.leave(ticket, outcome)
      }
    }
  }
