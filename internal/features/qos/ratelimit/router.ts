import { type Options, optionsOf, unusable } from '../../../config/options.ts'
import { clientBuckets, IDLE_CLIENT_MS } from '../../../limits/client-buckets.ts'
import {
  type BucketSize,
  LIMITED,
  tokenBucket,
  usualCapacity,
} from '../../../limits/token-bucket.ts'
import type { Decorator, Handler, Reply } from '../../../pipe/pipe.ts'
import { type EndpointPlace, type HandlerFeature, pathOf, type Scope } from '../../feature.ts'
import { type ClientKey, isStrategy, STRATEGIES } from './client-key.ts'
import { everyMsIn, rateIn } from './rate-options.ts'

const NAMESPACE = 'qos/ratelimit/router'
const SECOND_MS = 1000
/** A client is remembered for as long as usual, or for one and a quarter of `every` where that is longer. */
const IDLE_PERIODS = 1.25

const refusal = (status: number): Reply =>
  Object.freeze({ status, headers: [], body: undefined, errors: [LIMITED] })
const TOO_MANY = refusal(429)
const OVERLOADED = refusal(503)

/**
 * `qos/ratelimit/router`: each client of an endpoint has `client_max_rate` requests in `every` (429 beyond), all
 * together have `max_rate` (503). Clients are asked first, so a refused client takes nothing from the others. The
 * limits hold for the process, whatever the number of threads.
 */
export const routerLimit: HandlerFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const limits = limitsIn(optionsOf(config, pathOf(NAMESPACE, place)), place, scope)
    const decorators = [clientLimit(limits, place, scope), endpointLimit(limits, place, scope)]
    const active = decorators.filter((decorator) => decorator !== undefined)
    if (active.length === 0) return undefined
    return (next) => active.reduceRight((handler, decorate) => decorate(handler), next)
  },
}

type Limits = {
  readonly endpoint: BucketSize | undefined
  readonly client: (BucketSize & { readonly keyOf: ClientKey; readonly idleMs: number }) | undefined
}

function limitsIn(options: Options, place: EndpointPlace, scope: Scope): Limits {
  const everyMs = everyMsIn(options)
  if (everyMs < SECOND_MS)
    scope.log.warning(`${options.path('every')}: less than a second counts as 1s`)
  const perMs = Math.max(SECOND_MS, everyMs) / SECOND_MS
  const perSecond = rateIn(options, 'max_rate') / perMs
  const clientPerSecond = rateIn(options, 'client_max_rate') / perMs
  const capacity = options.whole('capacity', 0)
  const clientCapacity = options.whole('client_capacity', 0)
  // KrakenD asks `max_rate`, not `client_max_rate`, whether one token is enough.
  const usualForClients = perSecond < 1 ? 1 : usualCapacity(clientPerSecond)
  // Where it then has less than one to give, a new client's bucket holds one token and has none.
  const startsEmpty = clientCapacity === 0 && perSecond >= 1 && clientPerSecond < 1
  if (startsEmpty && clientPerSecond > 0)
    scope.log.warning(
      `${options.path('client_capacity')}: absent, with less than one request a second: as in KrakenD, the first request of each client is refused`,
    )
  return {
    endpoint:
      perSecond === 0 ? undefined : { perSecond, capacity: capacity || usualCapacity(perSecond) },
    client:
      clientPerSecond === 0
        ? undefined
        : {
            perSecond: clientPerSecond,
            capacity: clientCapacity || usualForClients,
            startsEmpty,
            keyOf: keyIn(options, place, scope),
            idleMs: everyMs > IDLE_CLIENT_MS ? everyMs * IDLE_PERIODS : IDLE_CLIENT_MS,
          },
  }
}

function keyIn(options: Options, place: EndpointPlace, scope: Scope): ClientKey {
  const written = options.text('strategy')
  const strategy = written.toLowerCase()
  if (!isStrategy(strategy))
    throw unusable(
      written,
      options.path('strategy'),
      'client_max_rate would limit nobody without a known strategy',
      Object.keys(STRATEGIES).join(', '),
    )
  const key = options.text('key')
  if (!canBeThere(strategy, key, place))
    scope.log.warning(
      `${options.path('key')}: no request has a ${strategy} ${JSON.stringify(key)}: all are refused with 429`,
    )
  return STRATEGIES[strategy](key)
}

function canBeThere(strategy: string, key: string, { endpoint }: EndpointPlace): boolean {
  if (strategy === 'ip') return true
  if (strategy === 'header') return key !== '' && key.toLowerCase() !== 'host'
  return (
    key.startsWith('JWT.') ||
    endpoint.endpoint.includes(`{${key}}`) ||
    /[:*]/.test(endpoint.endpoint)
  )
}

function clientLimit(
  { client }: Limits,
  { endpoint }: EndpointPlace,
  { clients, clock }: Scope,
): Decorator<Handler> | undefined {
  if (client === undefined) return undefined
  const { keyOf, idleMs } = client
  const takeToken = clientBuckets({
    name: `${endpoint.method} ${endpoint.endpoint}`,
    size: client,
    idleMs,
    clients,
    clock,
  })
  return (next) =>
    function limitClients(request, deadline) {
      const key = keyOf(request)
      return key !== '' && takeToken(key) ? next(request, deadline) : Promise.resolve(TOO_MANY)
    }
}

function endpointLimit(
  { endpoint: size }: Limits,
  { endpoint }: EndpointPlace,
  scope: Scope,
): Decorator<Handler> | undefined {
  if (size === undefined) return undefined
  const { clock } = scope
  const bucket = tokenBucket(size)
  const { words, index } = scope.words.word(
    `limit ${endpoint.method} ${endpoint.endpoint} ${size.perSecond} ${size.capacity}`,
  )
  bucket.start(words, index, clock())
  return (next) =>
    function limitEndpoint(request, deadline) {
      return bucket.take(words, index, clock())
        ? next(request, deadline)
        : Promise.resolve(OVERLOADED)
    }
}
