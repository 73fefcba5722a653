import { buildAll } from '../build-all.ts'
import type { Client, Send } from '../client/client.ts'
import type {
  AsyncAgentConfig,
  BackendConfig,
  EndpointConfig,
  ServiceConfig,
} from '../config/types.ts'
import type { Deadline } from '../pipe/deadline.ts'
import type { BodyHolder } from '../pipe/hold-body.ts'
import type {
  ClientRequest,
  Decorator,
  Handler,
  JsonObject,
  JsonValue,
  Pipe,
  ProxyResponse,
} from '../pipe/pipe.ts'
import type { SharedWords } from '../process/shared-memory.ts'
import type { SharedSlots } from '../process/shared-slots.ts'
import type { SharedTable } from '../process/shared-table.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Meters } from '../telemetry/metrics.ts'

/** Where a feature is switched on. */
export type ServicePlace = { readonly service: ServiceConfig }
export type EndpointPlace = ServicePlace & {
  readonly endpoint: EndpointConfig
  /** What of this endpoint has a say in every verified token. Filled while its pipe is built, before the validator is. */
  readonly tokenRejecters: TokenRejecter[]
}
/** Before the proxy part: `proxy` is that part itself, for a feature that answers in a form of its own. */
export type HandlerPlace = EndpointPlace & {
  readonly proxy: (request: ClientRequest, deadline: Deadline) => Promise<ProxyResponse>
}
export type BackendPlace = EndpointPlace & { readonly backend: BackendConfig }
export type AgentPlace = ServicePlace & {
  readonly agent: AsyncAgentConfig
  /** Position in the document's `async_agent`. */
  readonly index: number
}

/** Asked by the validator with the claims of a token that is good otherwise; `true` refuses it (401). */
export type TokenRejecter = (claims: JsonObject) => boolean

/** A namespace and where it stands, as messages name it: `endpoints[0].extra_config."auth/validator"`. */
export function pathOf(namespace: string, place: Partial<BackendPlace>): string {
  const { endpoint, backend } = place
  const parts = [
    endpoint === undefined ? [] : [`endpoints[${endpoint.index}]`],
    backend === undefined ? [] : [`backend[${backend.index}]`],
    [`extra_config."${namespace}"`],
  ]
  return parts.flat().join('.')
}

/** What outlives a gateway and is handed in: nothing a feature needs is a global. */
export type Scope = {
  readonly log: Logger
  readonly meters: Meters
  /** 64-bit words shared by all threads, by key: limits, breakers, cursors. */
  readonly words: SharedWords
  /** Places that requests hold for a while, shared by all threads, by key: given back when their thread dies. */
  readonly slots: SharedSlots
  /** 64-bit words shared by all threads for keys that come with requests: limits on clients. Asked with `clock()`. */
  readonly clients: SharedTable
  readonly client: Client
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never jumps, the same in all threads: for what is measured, not told. */
  readonly clock: () => number
  readonly random: () => number
  /** Registers the closing of what a feature opened; runs when the gateway is closed. */
  readonly onClose: (close: () => void | Promise<void>) => void
  /** Asks the main thread's service for something there is one of per process (JWK sets, tokens, cache entries). */
  readonly ask: (topic: string, question: JsonValue) => Promise<JsonValue>
  /** Hears what the main thread's service tells all threads (revocations); the returned function ends that. */
  readonly hear: (topic: string, listener: (news: JsonValue) => void) => () => void
  /** Keeps a request's body in memory, within the process's limits. */
  readonly holder: BodyHolder
  /** `--max-decode-bytes`. */
  readonly maxDecodeBytes: number
}

/**
 * What one namespace of `extra_config` switches on. `prepare` runs once, when the gateway is built: it returns the
 * decorator, or `undefined` when this configuration asks for nothing (then nothing is added), or throws a
 * `ConfigError` when it cannot work.
 */
export type Feature<T, Place> = {
  readonly namespace: string
  /** On endpoints and backends: switched on by the service's configuration, which `prepare` gets where there is no other. */
  readonly isOfService?: true
  prepare(config: JsonValue, place: Place, scope: Scope): Decorator<T> | undefined
}
/** `isBehindRouter`: as in KrakenD the router has looked at the request before this feature and those that follow. */
export type ServiceFeature = Feature<Handler, ServicePlace> & { readonly isBehindRouter?: true }
export type HandlerFeature = Feature<Handler, EndpointPlace>
/** A handler feature that calls the proxy part itself. */
export type EndingFeature = Feature<Handler, HandlerPlace>
export type PipeFeature = Feature<Pipe, EndpointPlace>
export type BackendFeature = Feature<Pipe, BackendPlace>
export type CallFeature = Feature<Send, BackendPlace>

/** What a driver is given to work with. */
export type AgentWork = {
  /** Runs one message through the agent's pipe. `true`: done with; `false`: it failed. Never rejects. */
  readonly work: (body: Buffer) => Promise<boolean>
  /** Tells the health page that the agent can be reached by messages. */
  readonly alive: () => void
}
/** An agent at work. `stop` takes no further message and resolves when those that run are done. */
export type RunningAgent = { stop(): Promise<void> }
/** Where an agent's messages come from. `prepare` checks the configuration; what it returns begins the work. */
export type AgentDriver = {
  readonly namespace: string
  prepare(config: JsonValue, place: AgentPlace, scope: Scope): (agent: AgentWork) => RunningAgent
}

/**
 * The decorators that `extraConfig` asks for, in the table's order.
 *
 * @throws {ConfigError} with what is wrong with any of them
 */
export function decoratorsFor<T, Place extends ServicePlace>(
  table: readonly Feature<T, Place>[],
  extraConfig: Readonly<Record<string, JsonValue>>,
  place: Place,
  scope: Scope,
): Decorator<T>[] {
  const prepares = table.flatMap((feature) => {
    const config =
      extraConfig[feature.namespace] ??
      (feature.isOfService && place.service.extraConfig[feature.namespace])
    return config === undefined ? [] : [() => feature.prepare(config, place, scope)]
  })
  const decorators = buildAll(...prepares)
  return decorators.filter((decorator) => decorator !== undefined)
}
