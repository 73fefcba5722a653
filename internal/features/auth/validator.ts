import { type Options, optionsOf } from '../../config/options.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import { endpointLogName } from '../../pipe/inner-names.ts'
import type { ClientRequest, Handler, Reply } from '../../pipe/pipe.ts'
import { withinDeadline } from '../../pipe/within-deadline.ts'
import { type EndpointPlace, type HandlerFeature, pathOf, type Scope } from '../feature.ts'
import { ALGORITHM_NAMES, algorithms } from './jwk/algorithms.ts'
import { isStrategy, keyStrategy } from './jwk/key-id.ts'
import { revocations } from './revoker.ts'
import { threadState } from './thread-state.ts'
import { tokenFinder } from './validator/find-token.ts'
import { keyRingOf } from './validator/key-ring-of.ts'
import { rolesPermit, scopesPermit } from './validator/permissions.ts'
import { propagation } from './validator/propagate.ts'
import { type Expected, untimely } from './validator/registered-claims.ts'
import { parseToken, type Token } from './validator/token.ts'
import type { Verdict } from './validator/verdicts.ts'
import { verifyToken } from './validator/verify-token.ts'

const NAMESPACE = 'auth/validator'
const SHORTEST_LEEWAY_MS = 1000

/**
 * `auth/validator`: lets only requests with a valid JSON Web Token in. 401 without one, or when it is revoked or an
 * expression says no; 403 when roles or scopes are missing. Then claims are handed on as headers and parameters.
 */
export const validator: HandlerFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const options = optionsOf(config, pathOf(NAMESPACE, place))
    const refuse = refusals(options, place, scope)
    const check = tokenCheck(options, place, scope)
    const admit = admission(options, place, scope)
    return (next) =>
      function validateToken(request, deadline) {
        const found = check(request, deadline)
        if (typeof found === 'string') return Promise.resolve(refuse(401, found))
        if (!(found instanceof Promise)) return admit(found, request, deadline, next, refuse)
        return found.then((verdict) =>
          typeof verdict === 'string'
            ? refuse(401, verdict)
            : admit(verdict, request, deadline, next, refuse),
        )
      }
  },
}

type Refuse = (status: 401 | 403, reason: string) => Reply

const REPLIES = {
  401: Object.freeze({ status: 401, headers: [], body: undefined }),
  403: Object.freeze({ status: 403, headers: [], body: undefined }),
} as const satisfies Record<number, Reply>

/** The client learns nothing but the status; `operation_debug` tells the log why. */
function refusals(options: Options, { endpoint }: EndpointPlace, { log }: Scope): Refuse {
  if (!options.flag('operation_debug')) return (status) => REPLIES[status]
  const prefix = `${endpointLogName(endpoint)}[JWTValidator]`
  return (status, reason) => {
    log.error(prefix, reason)
    return REPLIES[status]
  }
}

type Found = Verdict | string
type Check = (request: ClientRequest, deadline: Deadline) => Found | Promise<Found>

/** Finds a request's token and verifies it: at once when the key is at hand, which it nearly always is. */
function tokenCheck(options: Options, place: EndpointPlace, scope: Scope): Check {
  const state = threadState(scope)
  const name = options.oneOf('alg', ALGORITHM_NAMES)
  const strategyName = options.text('key_identify_strategy') || 'kid'
  if (!isStrategy(strategyName)) warn(options, scope, 'key_identify_strategy', 'kid')
  const { ring, name: ringName } = keyRingOf(options, place, scope, state)
  const expected = expectedOf(options, scope)
  const findToken = tokenFinder(options)
  const [algorithm, strategy] = [algorithms[name], keyStrategy(strategyName)]
  const keepsVerdicts = ring.isLasting && options.flag('verdict_cache', true)
  const validatorNumber = state.number(JSON.stringify([name, ringName, expected]))

  const known = (token: string): Verdict | undefined => {
    const verdict = state.verdicts.get(validatorNumber, token)
    return verdict !== undefined && ring.keyNow(verdict.keyId) === verdict.key ? verdict : undefined
  }
  const judge = (text: string, token: Token, key: Verdict['key'], keyId: string): Found => {
    const verdict = verifyToken(token, { algorithm, key, keyId }, expected, scope.now())
    if (typeof verdict === 'string') return `Unable to validate the token: ${verdict}`
    if (keepsVerdicts) state.verdicts.set(validatorNumber, text, verdict)
    return verdict
  }
  return function check({ headers }, deadline) {
    const text = findToken(headers)
    if (text === undefined) return 'Unable to validate the token: Token not found'
    const verdict = keepsVerdicts ? known(text) : undefined
    if (verdict !== undefined) {
      const late = untimely(verdict.lifetime, scope.now())
      return late === undefined ? verdict : `Unable to validate the token: ${late}`
    }
    const token = parseToken(text, state.readHeader)
    if (token === undefined) return 'Unable to validate the token: it is malformed'
    if (token.header['alg'] !== name) return 'Unable to validate the token: algorithm is invalid'
    const keyId = strategy.ofToken(token.header)
    const key = ring.keyNow(keyId)
    if (key !== undefined) return judge(text, token, key, keyId)
    return ring.find(keyId, deadline).then(
      (found) => judge(text, token, found, keyId),
      // Without keys nothing can be verified: to the client that is a token that is not valid.
      (error: Error) => `Unable to validate the token: ${error.message}`,
    )
  }
}

function expectedOf(options: Options, scope: Scope): Expected {
  return {
    issuer: options.text('issuer'),
    audience: options.texts('audience'),
    leewayMs: leewayMs(options, scope),
  }
}

/** KrakenD starts with a leeway it cannot read. */
function leewayMs(options: Options, scope: Scope): number {
  try {
    return Math.max(SHORTEST_LEEWAY_MS, options.duration('leeway') ?? 0)
  } catch {
    warn(options, scope, 'leeway', '1s')
    return SHORTEST_LEEWAY_MS
  }
}

function warn(options: Options, { log }: Scope, key: string, instead: string): void {
  log.warning(
    `${options.path(key)}: unknown value ${options.text(key)}: ${instead} is used instead`,
  )
}

type Admit = (
  verdict: Verdict,
  request: ClientRequest,
  deadline: Deadline,
  next: Handler,
  refuse: Refuse,
) => Promise<Reply>

/** What a valid token still has to pass, and what becomes of its claims. */
function admission(options: Options, place: EndpointPlace, scope: Scope): Admit {
  const revoked = revocations(place, scope)
  const rejecters = [...(revoked === undefined ? [] : [revoked.isRevoked]), ...place.tokenRejecters]
  const hasRole = rolesPermit(options)
  const hasScope = scopesPermit(options)
  const propagate = propagation(options, place.endpoint.backends, scope.log)
  return function admit(verdict, request, deadline, next, refuse): Promise<Reply> {
    const waiting = revoked?.ready()
    if (waiting !== undefined)
      return withinDeadline(waiting, deadline).then(
        () => admit(verdict, request, deadline, next, refuse),
        (error: Error) => refuse(401, `the revoked tokens are not known: ${error.message}`),
      )
    const { claims } = verdict
    for (const rejects of rejecters)
      if (rejects(claims)) return Promise.resolve(refuse(401, 'Token sent by client rejected'))
    if (hasRole !== undefined && !hasRole(claims))
      return Promise.resolve(refuse(403, 'Token sent by client does not have sufficient roles'))
    if (hasScope !== undefined && !hasScope(claims))
      return Promise.resolve(refuse(403, 'Token sent by client does not have the required scopes'))
    return next(propagate === undefined ? request : propagate(request, claims), deadline)
  }
}
