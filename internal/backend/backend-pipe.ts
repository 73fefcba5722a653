import { balancerOf, ejectionRulesOf } from '../balancer/balancer-of.ts'
import { Health } from '../balancer/health.ts'
import { InFlight } from '../balancer/in-flight.ts'
import { buildAll, buildAt } from '../build-all.ts'
import type { Send } from '../client/client.ts'
import { following } from '../client/redirect.ts'
import { unpacking } from '../client/unpacking.ts'
import { type BackendConfig, namespace } from '../config/types.ts'
import type { Subscription } from '../discovery/discovery.ts'
import { type BackendPlace, decoratorsFor, type Scope } from '../features/feature.ts'
import {
  backendConditions,
  backendFeatures,
  backendSteps,
  callFeatures,
  sendFeatures,
} from '../features/table.ts'
import { holdBody } from '../pipe/hold-body.ts'
import { withoutUser } from '../pipe/host-user.ts'
import { templateOf } from '../pipe/inner-names.ts'
import { compose, type Decorator, type Pipe } from '../pipe/pipe.ts'
import { sharedWords, wordMemory } from '../process/shared-memory.ts'
import { shaperFor } from '../shape/shape.ts'
import { buildUrl, type Escaping, followWildcard, pathBuilder } from './build-path.ts'
import { callUpstream } from './call.ts'
import { chooseHost, type HostChoice } from './choose-host.ts'
import { concurrentCalls } from './concurrent.ts'
import { backendMeter } from './measure.ts'
import { retryRules } from './retry-rules.ts'
import { selectHeaders } from './select-headers.ts'
import { selectQuery } from './select-query.ts'

export type BackendOptions = {
  readonly subscription: Subscription
  /** Numbers keep their spelling: something prints them outside JSON. */
  readonly exactSpelling: boolean
  /** Nobody looks into the data: an answer that is kept whole goes out as its bytes. */
  readonly bytesSuffice: boolean
}

/** One backend of an endpoint: everything between "ask this upstream" and its part of the answer, in order. */
export function backendPipe(place: BackendPlace, scope: Scope, options: BackendOptions): Pipe {
  const { backend, endpoint, service } = place
  const meter = backendMeter(scope.meters, endpoint.endpoint, backend.urlPattern)
  const urlPattern = followWildcard(endpoint.endpoint, backend.urlPattern)
  const pattern = templateOf(urlPattern)
  const at = `endpoints[${endpoint.index}].backend[${backend.index}]`
  const [conditions, path, host, steps, features, send, shape] = buildAll(
    () => decoratorsFor(backendConditions, backend.extraConfig, place, scope),
    () => pathBuilder(urlPattern, escapingOf, withoutUser(backend.hosts[0] ?? '')),
    () => buildAt(at, () => hostChoice(place, scope, options.subscription)),
    () => decoratorsFor(backendSteps, backend.extraConfig, place, scope),
    () => decoratorsFor(backendFeatures, backend.extraConfig, place, scope),
    () => wrappedSend(place, scope),
    () =>
      backend.encoding === 'no-op'
        ? undefined
        : buildAt(`${at}.extra_config.proxy`, () => shaperFor(backend)),
  )
  return compose<Pipe>(
    [
      ...conditions,
      selectQuery(backend.inputQueryStrings),
      sendsBodyAgain(backend) ? holdBody(scope.holder) : undefined,
      buildUrl(backend.method, path),
      concurrentCalls(endpoint.concurrentCalls),
      chooseHost(host),
      selectHeaders(backend.inputHeaders),
      ...steps,
      meter.decorate,
      ...features,
    ].filter((decorator) => decorator !== undefined) as Decorator<Pipe>[],
    callUpstream({
      client: scope.client,
      send,
      shape,
      backend,
      pattern,
      disableCompression: service.transport.disableCompression,
      exactSpelling: options.exactSpelling,
      bytesSuffice: options.bytesSuffice,
      maxDecodeBytes: scope.maxDecodeBytes,
    }),
  )
}

const sendsBodyAgain = ({ extraConfig }: BackendConfig): boolean =>
  namespace(extraConfig, 'backend/http/client')?.['send_body_on_redirect'] === true ||
  namespace(extraConfig, 'backend/retry') !== undefined

/** Of hosts that nobody takes out: a thousand such lists take no memory that threads share. */
const NO_NEWS = sharedWords(wordMemory(1)).word('')

/** Everything by which the host of a request is chosen, and another one after it. */
function hostChoice(
  { backend, endpoint }: BackendPlace,
  scope: Scope,
  subscription: Subscription,
): HostChoice {
  const inFlight = new InFlight()
  const { random, meters, clients, clock, log } = scope
  const cursor = scope.words.word(`cursor ${backend.id}`)
  const { balance, countsRequests } = balancerOf(backend, { cursor, random, inFlight })
  if (balance.prepare !== undefined) subscription.beforeUse(balance.prepare)
  const place = { endpoint: endpoint.endpoint, backend: backend.urlPattern }
  const { name } = subscription
  const onEjected = (url: string, forMs: number) => {
    meters.counter('gateway_discovery_ejections_total', { name }).add(1)
    subscription.ejected(url, forMs)
    log.warning(
      `[DISCOVERY: ${name}] ${withoutUser(url)} failed and is taken out for ${forMs / 1000} s`,
    )
  }
  return {
    subscription,
    balance,
    health: new Health({
      name,
      rules: ejectionRulesOf(backend),
      table: clients,
      news: subscription.isFixed ? NO_NEWS : scope.words.word(`ejections ${name}`),
      clock,
      onEjected,
    }),
    inFlight: countsRequests ? inFlight : undefined,
    retry: retryRules(backend),
    onRetry: (reason) =>
      meters.counter('gateway_backend_retries_total', { ...place, reason }).add(1),
  }
}

/** The call with what features wrap it in, as a whole and at each hop of a redirect; `undefined` without any. */
function wrappedSend(place: BackendPlace, scope: Scope): Send | undefined {
  const { extraConfig } = place.backend
  const [whole, hops] = buildAll(
    () => decoratorsFor(sendFeatures, extraConfig, place, scope),
    () => decoratorsFor(callFeatures, extraConfig, place, scope),
  )
  if (whole.length + hops.length === 0) return undefined
  const { exchange } = scope.client
  const core = place.service.transport.disableCompression ? exchange : unpacking(exchange)
  return compose<Send>(whole, following(compose<Send>(hops, core)))
}

/** Values of earlier answers come from outside the request's own guard, so they are escaped. */
const escapingOf = (param: string): Escaping => (/^Resp\d+_/.test(param) ? 'escaped' : 'as-is')
