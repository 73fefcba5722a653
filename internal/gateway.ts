import { agentReports } from './agents/agent-reports.ts'
import { prepareAgents, type Seat } from './agents/prepare-agents.ts'
import { buildAll, buildOrAlso } from './build-all.ts'
import type { BackendConfig, EndpointConfig, ServiceConfig } from './config/types.ts'
import type { Subscription, Wanted } from './discovery/discovery.ts'
import { isWatched, wantedBy } from './discovery/wanted.ts'
import { endpointHandlers } from './endpoint/endpoint-handler.ts'
import { endpointPipe } from './endpoint/endpoint-pipe.ts'
import { GatewayError } from './errors.ts'
import { decoratorsFor, type Scope, type ServiceFeature } from './features/feature.ts'
import { serviceFeatures } from './features/table.ts'
import type { Deadline } from './pipe/deadline.ts'
import {
  type ClientRequest,
  compose,
  type Decorator,
  type Handler,
  type Pipe,
  type Reply,
} from './pipe/pipe.ts'
import { type Unrouted, unrouted } from './router/built-in.ts'
import { builtInRoutes, optionsRoutes } from './router/built-in-routes.ts'
import { buildRouter, type Route, type Router } from './router/router.ts'
import { routerFirst } from './router/router-first.ts'
import { methodLabel, UNMATCHED_ENDPOINT } from './telemetry/metrics.ts'
import { type RouteMeter, routeMeter } from './telemetry/route-meter.ts'

/** A configuration at work: answers requests until it is closed. A reload builds a second one beside it. */
export type Gateway = {
  /** Never rejects. */
  handle(request: ClientRequest, deadline: Deadline): Promise<Reply>
  /** Gives back what it opened. Requests that still run keep what they have. */
  close(): Promise<void>
}

/** What a gateway is built with besides its configuration: it outlives the gateway and belongs to the thread. */
export type GatewayParts = {
  readonly scope: Omit<Scope, 'onClose'>
  readonly discovery: {
    fixed(name: string, hosts: readonly string[]): Subscription
    subscribe(wanted: Wanted): Subscription
  }
  /** Which of the threads that serve this configuration this one is. */
  readonly seat: Seat
}

/** What a path leads to. */
type Target = { readonly handler: Handler; readonly timeoutMs: number; readonly meter: RouteMeter }

/** Built-in answers need no upstream. */
const BUILT_IN_TIMEOUT_MS = 10_000

/** Builds a gateway, top to bottom in the order in which a request meets its parts. Throws a `ConfigError`. */
export function buildGateway(config: ServiceConfig, parts: GatewayParts): Gateway {
  const closings: (() => void | Promise<void>)[] = []
  const scope: Scope = { ...parts.scope, onClose: (close) => closings.push(close) }
  const close = async () => {
    await Promise.all(closings.map((closeOne) => closeOne()))
  }
  try {
    return { handle: assembled(config, parts, scope), close }
  } catch (error) {
    // Whoever cannot close says nothing that helps: the configuration is what is wrong.
    close().catch(() => undefined)
    throw error
  }
}

/** The service's features, the endpoints, and what starts the agents. */
type Assembly = [Decorator<Handler>[], Router<Target>, () => void]

function assembled(config: ServiceConfig, parts: GatewayParts, scope: Scope): Gateway['handle'] {
  const assembly: Assembly = buildAll(
    () => aroundRouter(config, scope, (next) => routerFirst(assembly[1], otherwise)(next)),
    () =>
      buildOrAlso(
        () => routerOf(config, targets(config, parts, scope)),
        () =>
          routerOf(
            config,
            config.endpoints.map((endpoint) => routeOf(config, endpoint, undefined)),
          ),
      ),
    () =>
      prepareAgents(config, scope, {
        seat: parts.seat,
        subscriptionOf: (backend, place) => subscription(backend, place, parts, scope),
      }),
  )
  const [features, router, startAgents] = assembly
  const otherwise = unrouted(config.router)
  const unmatched = unmatchedMeters(scope)
  const service = compose<Handler>(
    features.length === 0 ? [] : [meterRefused(unmatched), ...features],
    routed(router, otherwise, unmatched),
  )
  startAgents()
  return function handle(request, deadline) {
    return service(request, deadline).catch((thrown) => {
      scope.log.error('[SERVICE] a handler failed:', thrown)
      return { status: 500, headers: [], body: undefined }
    })
  }
}

const routerOf = <T>(config: ServiceConfig, routes: Route<T>[]): Router<T> =>
  buildRouter(routes, { ...config.router, disableRest: config.disableRest })

const routeOf = <T>(config: ServiceConfig, endpoint: EndpointConfig, value: T): Route<T> => ({
  method: endpoint.method,
  endpoint: endpoint.endpoint,
  value,
  place: { file: config.file, path: `endpoints[${endpoint.index}].endpoint` },
})

/** Everything that has a path: health and its like, then the endpoints in their order. */
function targets(config: ServiceConfig, parts: GatewayParts, scope: Scope): Route<Target>[] {
  const builtIn = (route: Route<Handler>): Route<Target> => ({
    ...route,
    value: {
      handler: route.value,
      timeoutMs: BUILT_IN_TIMEOUT_MS,
      meter: routeMeter(scope.meters, route.endpoint, route.method),
    },
  })
  const health = {
    log: scope.log,
    agents: agentReports(config, scope),
    now: scope.now,
    uptime: () => performance.now(),
  }
  const handlerOf = endpointHandlers(config, scope)
  const targetOf = (endpoint: EndpointConfig): Route<Target> => {
    const place = { service: config, endpoint, tokenRejecters: [] }
    const pipe = buildOrAlso(
      () =>
        endpointPipe(place, scope, {
          subscriptionOf: (backend) => subscription(backend, endpoint, parts, scope),
        }),
      () => handlerOf(place, UNBUILT),
    )
    return routeOf(config, endpoint, {
      handler: handlerOf(place, pipe),
      timeoutMs: endpoint.timeoutMs,
      meter: routeMeter(scope.meters, endpoint.endpoint, endpoint.method),
    })
  }
  const endpoints = buildAll(...config.endpoints.map((endpoint) => () => targetOf(endpoint)))
  return [
    ...builtInRoutes(config, health).map(builtIn),
    ...endpoints,
    ...optionsRoutes(config.endpoints, config.router).map(builtIn),
  ]
}

/** What a handler is judged with when its pipe could not be built. */
const UNBUILT: Pipe = () => Promise.reject(new GatewayError('internal'))

function subscription(
  backend: BackendConfig,
  endpoint: EndpointConfig,
  parts: GatewayParts,
  scope: Scope,
): Subscription {
  const name = `${endpoint.method} ${endpoint.endpoint} ${backend.urlPattern}`
  const own = isWatched(backend)
    ? parts.discovery.subscribe(wantedBy(backend, backendPath(endpoint, backend)))
    : parts.discovery.fixed(name, backend.hosts)
  scope.onClose(() => own.close())
  return own
}

const backendPath = (endpoint: EndpointConfig, backend: BackendConfig): string =>
  `endpoints[${endpoint.index}].backend[${backend.index}]`

/** The meter of requests that no route counts, by method. */
type MeterOf = (method: string) => RouteMeter

function unmatchedMeters(scope: Scope): MeterOf {
  const meters = new Map<string, RouteMeter>()
  return (method) => {
    const label = methodLabel(method)
    const known = meters.get(label)
    if (known !== undefined) return known
    const meter = routeMeter(scope.meters, UNMATCHED_ENDPOINT, label)
    meters.set(label, meter)
    return meter
  }
}

/** What a feature of the service answers itself never meets a route: it counts as unmatched. */
function meterRefused(unmatched: MeterOf): Decorator<Handler> {
  return (next) =>
    function meterFirst(request, deadline) {
      deadline.meter = unmatched(request.method)
      return next(request, deadline)
    }
}

/** The service's features, and the router's word before the first of those that stand behind it. */
function aroundRouter(
  config: ServiceConfig,
  scope: Scope,
  first: Decorator<Handler>,
): Decorator<Handler>[] {
  const { extraConfig } = config
  const prepared = (table: readonly ServiceFeature[]): Decorator<Handler>[] =>
    decoratorsFor(table, extraConfig, { service: config }, scope)
  const start = serviceFeatures.findIndex(({ isBehindRouter }) => isBehindRouter)
  const behind = prepared(serviceFeatures.slice(start))
  // Files have paths of their own, about which the router knows nothing.
  const isFirst = behind.length > 0 && extraConfig['server/static-filesystem'] === undefined
  return [...prepared(serviceFeatures.slice(0, start)), ...(isFirst ? [first] : []), ...behind]
}

/** The core of the service chain: finds the route, starts its clock, and lets its handler answer. */
function routed(router: Router<Target>, otherwise: Unrouted, unmatched: MeterOf): Handler {
  return function route(request, deadline) {
    const found = router.find(request.method, request.path)
    if (found.kind !== 'route') {
      deadline.meter = unmatched(request.method)
      return Promise.resolve(otherwise(request, found))
    }
    const { handler, timeoutMs, meter } = found.value
    deadline.meter = meter
    deadline.limit(timeoutMs)
    return handler({ ...request, params: found.params }, deadline)
  }
}
