import { buildAll } from '../build-all.ts'
import type {
  AsyncAgentConfig,
  BackendConfig,
  EndpointConfig,
  ServiceConfig,
} from '../config/types.ts'
import type { Subscription } from '../discovery/discovery.ts'
import { endpointPipe } from '../endpoint/endpoint-pipe.ts'
import { ConfigError } from '../errors.ts'
import { AGENTS_TOPIC } from '../features/async/service.ts'
import type { EndpointPlace, Scope } from '../features/feature.ts'
import { agentDrivers } from '../features/table.ts'
import { DeadlineWheel } from '../pipe/deadline.ts'
import type { Pipe } from '../pipe/pipe.ts'
import { messageWork } from './message-work.ts'

/** One of the threads that serve a configuration: `index` counts from 0. */
export type Seat = { readonly index: number; readonly of: number }

export type AgentOptions = {
  readonly seat: Seat
  readonly subscriptionOf: (backend: BackendConfig, endpoint: EndpointConfig) => Subscription
}

/**
 * What starts the agents of this thread: each works in one thread, so that what a queue grants once (an exclusive
 * consumer, `max_rate`, the order of messages) stays as configured whatever the number of threads.
 *
 * @throws {ConfigError}
 */
export function prepareAgents(
  config: ServiceConfig,
  scope: Scope,
  options: AgentOptions,
): () => void {
  const { seat } = options
  const places = config.asyncAgents.map(
    (agent, index): Place => ({ service: config, agent, index }),
  )
  const own = places.filter(({ index }) => index % seat.of === seat.index)
  const wheel = new DeadlineWheel()
  const starts = buildAll(
    ...own.map((place) => () => prepared(place, scope, { ...options, wheel })),
  )
  return () => {
    for (const start of starts) start()
  }
}

function prepared(
  place: Place,
  scope: Scope,
  options: AgentOptions & { readonly wheel: DeadlineWheel },
): () => void {
  const { name, consumer } = place.agent
  const [start, pipe] = buildAll(
    () => driverOf(place, scope),
    () => agentPipe(place, scope, options),
  )
  return () => {
    const running = start({
      work: messageWork({
        name,
        pipe,
        timeoutMs: consumer.timeoutMs,
        wheel: options.wheel,
        log: scope.log,
      }),
      alive: () => {
        // Nobody answers while the process ends.
        scope.ask(AGENTS_TOPIC, name).catch(() => undefined)
      },
    })
    scope.onClose(() => running.stop())
  }
}

type Place = {
  readonly service: ServiceConfig
  readonly agent: AsyncAgentConfig
  readonly index: number
}

function driverOf(
  place: Place,
  scope: Scope,
): ReturnType<(typeof agentDrivers)[number]['prepare']> {
  const { extraConfig } = place.agent
  for (const driver of agentDrivers) {
    const config = extraConfig[driver.namespace]
    if (config !== undefined) return driver.prepare(config, place, scope)
  }
  throw new ConfigError([
    {
      place: { path: `async_agent[${place.index}].extra_config` },
      message: 'no driver: nothing would bring messages to this agent',
      found: Object.keys(extraConfig).join(', ') || 'nothing',
      allowed: agentDrivers.map(({ namespace }) => namespace).join(', '),
    },
  ])
}

/** What each message runs through: the same as the proxy part of an endpoint. */
function agentPipe({ service, agent, index }: Place, scope: Scope, options: AgentOptions): Pipe {
  const endpoint: EndpointConfig = {
    index,
    endpoint: agent.name,
    method: '',
    backends: agent.backends,
    outputEncoding: 'json',
    concurrentCalls: 1,
    timeoutMs: agent.consumer.timeoutMs,
    cacheTtlMs: 0,
    inputHeaders: [],
    inputQueryStrings: [],
    extraConfig: agent.extraConfig,
  }
  const place: EndpointPlace = { service, endpoint, tokenRejecters: [] }
  try {
    return endpointPipe(place, scope, {
      subscriptionOf: (backend) => options.subscriptionOf(backend, endpoint),
    })
  } catch (error) {
    throw error instanceof ConfigError ? asOfAgent(error) : error
  }
}

/** Features name their place as that of an endpoint. */
const asOfAgent = ({ problems }: ConfigError): ConfigError =>
  new ConfigError(
    problems.map((problem) => ({
      ...problem,
      place: {
        ...problem.place,
        path: problem.place.path?.replace(/^endpoints\[/, 'async_agent['),
      },
    })),
  )
