import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

/** A document as `decode.ts` leaves it: every key absent or of its type. Durations are as written, or nanoseconds. */
export type Duration = string | number
type Extra = { readonly extra_config?: JsonObject }

export type BackendDocument = Extra & {
  readonly group?: string
  readonly method?: string
  readonly host?: readonly string[]
  readonly disable_host_sanitize?: boolean
  readonly url_pattern?: string
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly mapping?: Readonly<Record<string, string>>
  readonly encoding?: string
  readonly is_collection?: boolean
  readonly target?: string
  readonly sd?: string
  readonly sd_scheme?: string
  readonly input_headers?: readonly string[]
  readonly input_query_strings?: readonly string[]
}

export type EndpointDocument = Extra & {
  readonly endpoint?: string
  readonly method?: string
  readonly backend?: readonly BackendDocument[]
  readonly concurrent_calls?: number
  readonly timeout?: Duration
  readonly cache_ttl?: Duration
  readonly input_query_strings?: readonly string[]
  readonly input_headers?: readonly string[]
  readonly output_encoding?: string
}

export type AsyncAgentDocument = Extra & {
  readonly name?: string
  readonly connection?: {
    readonly max_retries?: number
    readonly backoff_strategy?: string
    readonly health_interval?: Duration
  }
  readonly consumer?: {
    readonly timeout?: Duration
    readonly workers?: number
    readonly topic?: string
    readonly max_rate?: number
  }
  readonly encoding?: string
  readonly backend?: readonly BackendDocument[]
}

type TlsDocument = {
  readonly ca_certs?: readonly string[]
  readonly disable_system_ca_pool?: boolean
  readonly min_version?: string
  readonly max_version?: string
  readonly curve_preferences?: readonly number[]
  readonly cipher_suites?: readonly number[]
}
export type ServerTlsDocument = TlsDocument & {
  readonly disabled?: boolean
  readonly public_key?: string
  readonly private_key?: string
  readonly enable_mtls?: boolean
  readonly prefer_server_cipher_suites?: boolean
  readonly keys?: readonly { readonly public_key?: string; readonly private_key?: string }[]
}
export type ClientTlsDocument = TlsDocument & {
  readonly allow_insecure_connections?: boolean
  readonly client_certs?: readonly {
    readonly certificate?: string
    readonly private_key?: string
  }[]
}

export type RootDocument = Extra & {
  readonly version?: number
  readonly name?: string
  readonly port?: number
  readonly listen_ip?: string
  readonly host?: readonly string[]
  readonly endpoints?: readonly EndpointDocument[]
  readonly async_agent?: readonly AsyncAgentDocument[]
  readonly output_encoding?: string
  readonly timeout?: Duration
  readonly cache_ttl?: Duration
  readonly dns_cache_ttl?: Duration
  readonly max_shutdown_wait_time?: Duration
  readonly read_timeout?: Duration
  readonly write_timeout?: Duration
  readonly idle_timeout?: Duration
  readonly read_header_timeout?: Duration
  readonly max_header_bytes?: number
  readonly disable_keep_alives?: boolean
  readonly disable_compression?: boolean
  readonly max_idle_connections?: number
  readonly max_idle_connections_per_host?: number
  readonly idle_connection_timeout?: Duration
  readonly response_header_timeout?: Duration
  readonly expect_continue_timeout?: Duration
  readonly dialer_timeout?: Duration
  readonly dialer_fallback_delay?: Duration
  readonly dialer_keep_alive?: Duration
  readonly disable_rest?: boolean
  readonly plugin?: { readonly folder?: string; readonly pattern?: string }
  readonly tls?: ServerTlsDocument
  readonly client_tls?: ClientTlsDocument
  readonly use_h2c?: boolean
  readonly debug_endpoint?: boolean
  readonly echo_endpoint?: boolean
  readonly sequential_start?: boolean
  readonly allow_insecure_connections?: boolean
}

/** The view of a decoded document. `decode` with `ROOT` guarantees it. */
export function rootDocument(document: JsonObject): RootDocument {
  return document as RootDocument
}

/** The part of `extra_config` under `name` when it is an object, else nothing. */
export function objectIn(
  extraConfig: JsonObject | undefined,
  name: string,
): JsonObject | undefined {
  const value: JsonValue | undefined =
    extraConfig !== undefined && Object.hasOwn(extraConfig, name) ? extraConfig[name] : undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
