import { canonicalHeader } from '../pipe/headers.ts'
import {
  type AsyncAgentDocument,
  type BackendDocument,
  type Duration,
  type EndpointDocument,
  objectIn,
  type RootDocument,
} from './document.ts'
import { durationMs } from './duration.ts'
import { decoderOf, encoderOf } from './encodings.ts'
import { cleanHost, sdOf, serviceName } from './hosts.ts'
import { isSupportedMethod } from './methods.ts'
import { normaliseRouter } from './normalise-router.ts'
import { normaliseClientTls, normaliseServerTls } from './normalise-tls.ts'
import { withSlash } from './paths.ts'
import type {
  AsyncAgentConfig,
  BackendConfig,
  EndpointConfig,
  ExtraConfig,
  ServerTimeouts,
  ServiceConfig,
  TransportConfig,
} from './types.ts'

const DEFAULT_PORT = 8080
const DEFAULT_TIMEOUT_MS = 2_000
const DEFAULT_DNS_CACHE_TTL_MS = 30_000
const MIN_DNS_CACHE_TTL_MS = 1_000
const MIN_HEALTH_INTERVAL_MS = 1_000
/** Where KrakenD waits for ever: a client that sends nothing must not hold a connection for good. */
const DEFAULT_READ_HEADER_MS = 60_000
const DEFAULT_IDLE_MS = 75_000
/** Go's net/http and net.Dialer. */
const DEFAULT_MAX_HEADER_BYTES = 1_048_576
const DEFAULT_KEEP_ALIVE_MS = 15_000
const DEFAULT_FALLBACK_DELAY_MS = 300
const DEFAULT_IDLE_PER_HOST = 250
export const STATIC = 'static'

/** Shared by everything that has none of its own. */
const NO_TEXTS: readonly string[] = []
const NO_MAPPING: Readonly<Record<string, string>> = {}
const NO_EXTRA: ExtraConfig = {}

type Inherited = {
  readonly hosts: readonly string[]
  readonly timeoutMs: number
  readonly cacheTtlMs: number
  readonly encoding: string
  readonly nextId: () => number
}

/** Turns a valid document into what the gateway is built from: every default filled in. */
export function normalise(root: RootDocument, file: string): ServiceConfig {
  let id = 0
  const inherited: Inherited = {
    hosts: root.host ?? NO_TEXTS,
    timeoutMs: ms(root.timeout) || DEFAULT_TIMEOUT_MS,
    cacheTtlMs: ms(root.cache_ttl),
    encoding: root.output_encoding || 'json',
    nextId: () => id++,
  }
  const dnsCacheTtlMs = ms(root.dns_cache_ttl)
  return {
    file,
    name: root.name ?? '',
    port: root.port || DEFAULT_PORT,
    listenIp: root.listen_ip ?? '',
    timeoutMs: inherited.timeoutMs,
    endpoints: (root.endpoints ?? []).flatMap((endpoint, index) =>
      normaliseEndpoint(endpoint, index, inherited),
    ),
    asyncAgents: (root.async_agent ?? []).map((agent, index) =>
      normaliseAgent(agent, index, inherited),
    ),
    debugEndpoint: root.debug_endpoint ?? false,
    echoEndpoint: root.echo_endpoint ?? false,
    sequentialStart: root.sequential_start ?? false,
    disableRest: root.disable_rest ?? false,
    dnsCacheTtlMs: dnsCacheTtlMs < MIN_DNS_CACHE_TTL_MS ? DEFAULT_DNS_CACHE_TTL_MS : dnsCacheTtlMs,
    useH2c: root.use_h2c ?? false,
    maxShutdownWaitMs: atLeastZero(ms(root.max_shutdown_wait_time)),
    server: serverTimeouts(root),
    transport: transport(root),
    router: normaliseRouter(objectIn(root.extra_config, 'router')),
    tls: normaliseServerTls(root.tls),
    clientTls: normaliseClientTls(root),
    plugin: root.plugin && { folder: root.plugin.folder ?? '', pattern: root.plugin.pattern ?? '' },
    extraConfig: root.extra_config ?? NO_EXTRA,
  }
}

/** An endpoint whose method cannot be served is left out, as KrakenD does. */
function normaliseEndpoint(
  endpoint: EndpointDocument,
  index: number,
  inherited: Inherited,
): EndpointConfig[] {
  const method = (endpoint.method || 'GET').toUpperCase()
  if (!isSupportedMethod(method)) return []
  const backends = endpoint.backend ?? []
  const written = endpoint.output_encoding || inherited.encoding
  return [
    {
      index,
      endpoint: withSlash(endpoint.endpoint ?? ''),
      method,
      backends: backends.map((backend, at) =>
        normaliseBackend(backend, at, { inherited, method, encoding: written }),
      ),
      outputEncoding: encoderOf(written, backends),
      concurrentCalls: Math.max(1, endpoint.concurrent_calls ?? 1),
      timeoutMs: ms(endpoint.timeout) || inherited.timeoutMs,
      cacheTtlMs: ms(endpoint.cache_ttl) || inherited.cacheTtlMs,
      inputHeaders: headerNames(endpoint.input_headers),
      inputQueryStrings: endpoint.input_query_strings ?? NO_TEXTS,
      extraConfig: endpoint.extra_config ?? NO_EXTRA,
    },
  ]
}

type Parent = { readonly inherited: Inherited; readonly method: string; readonly encoding: string }

function normaliseBackend(backend: BackendDocument, index: number, parent: Parent): BackendConfig {
  const own = backend.host ?? NO_TEXTS
  const sd = sdOf(backend.sd, own.length > 0 ? own : parent.inherited.hosts)
  return {
    index,
    id: parent.inherited.nextId(),
    hosts: hostsOf(backend, sd, parent.inherited.hosts),
    urlPattern: withSlash(backend.url_pattern ?? ''),
    method: (backend.method || parent.method).toUpperCase(),
    encoding: decoderOf(backend.encoding, parent.encoding),
    isCollection: backend.is_collection ?? false,
    target: backend.target ?? '',
    allow: backend.allow ?? NO_TEXTS,
    deny: backend.deny ?? NO_TEXTS,
    mapping: backend.mapping ?? NO_MAPPING,
    group: backend.group ?? '',
    inputHeaders: headerNames(backend.input_headers),
    inputQueryStrings: backend.input_query_strings ?? NO_TEXTS,
    sd,
    sdScheme: backend.sd_scheme === 'https' ? 'https' : 'http',
    extraConfig: backend.extra_config ?? NO_EXTRA,
  }
}

/** Static hosts sanitised, unless the backend's own are to be taken as written; names in a registry as written. */
function hostsOf(
  backend: BackendDocument,
  sd: string,
  inherited: readonly string[],
): readonly string[] {
  const own = backend.host ?? NO_TEXTS
  const hosts = own.length > 0 ? own : inherited
  if (sd !== STATIC) return hosts.map((host) => serviceName(host, sd))
  if (backend.disable_host_sanitize && own.length > 0) return own
  return hosts.map((host) => cleanHost(host) ?? host)
}

function normaliseAgent(
  agent: AsyncAgentDocument,
  index: number,
  inherited: Inherited,
): AsyncAgentConfig {
  const { connection = {}, consumer = {} } = agent
  const parent = { inherited, method: 'GET', encoding: '' }
  return {
    name: agent.name || `AsyncAgent-${String(index).padStart(2, '0')}`,
    connection: {
      maxRetries: atLeastZero(connection.max_retries ?? 0),
      backoffStrategy: connection.backoff_strategy ?? '',
      healthIntervalMs: Math.max(MIN_HEALTH_INTERVAL_MS, ms(connection.health_interval)),
    },
    consumer: {
      topic: consumer.topic ?? '',
      workers: Math.max(1, consumer.workers ?? 1),
      timeoutMs: ms(consumer.timeout) || inherited.timeoutMs,
      maxRate: atLeastZero(consumer.max_rate ?? 0),
    },
    encoding: decoderOf(agent.encoding, ''),
    backends: (agent.backend ?? []).map((backend, at) => normaliseBackend(backend, at, parent)),
    extraConfig: agent.extra_config ?? NO_EXTRA,
  }
}

function serverTimeouts(root: RootDocument): ServerTimeouts {
  const readMs = atLeastZero(ms(root.read_timeout))
  return {
    readMs,
    readHeaderMs:
      root.read_header_timeout === undefined
        ? readMs || DEFAULT_READ_HEADER_MS
        : noLimitBelowZero(root.read_header_timeout),
    writeMs: noLimitBelowZero(root.write_timeout),
    idleMs:
      root.idle_timeout === undefined
        ? readMs || DEFAULT_IDLE_MS
        : noLimitBelowZero(root.idle_timeout),
    maxHeaderBytes: atLeastZero(root.max_header_bytes ?? 0) || DEFAULT_MAX_HEADER_BYTES,
  }
}

function transport(root: RootDocument): TransportConfig {
  return {
    dialerTimeoutMs: noLimitBelowZero(root.dialer_timeout),
    dialerKeepAliveMs: ms(root.dialer_keep_alive) || DEFAULT_KEEP_ALIVE_MS,
    dialerFallbackDelayMs: ms(root.dialer_fallback_delay) || DEFAULT_FALLBACK_DELAY_MS,
    disableCompression: root.disable_compression ?? false,
    disableKeepAlives: root.disable_keep_alives ?? false,
    maxIdleConnections: atLeastZero(root.max_idle_connections ?? 0),
    maxIdleConnectionsPerHost: root.max_idle_connections_per_host || DEFAULT_IDLE_PER_HOST,
    idleConnectionTimeoutMs: noLimitBelowZero(root.idle_connection_timeout),
    responseHeaderTimeoutMs: noLimitBelowZero(root.response_header_timeout),
    expectContinueTimeoutMs: noLimitBelowZero(root.expect_continue_timeout),
  }
}

function headerNames(names: readonly string[] | undefined): readonly string[] {
  return names === undefined ? NO_TEXTS : names.map(canonicalHeader)
}

function ms(duration: Duration | undefined): number {
  return duration === undefined ? 0 : durationMs(duration)
}

function noLimitBelowZero(duration: Duration | undefined): number {
  return atLeastZero(ms(duration))
}

function atLeastZero(number: number): number {
  return Math.max(0, number)
}
