/**
 * What every key of a document may hold, as KrakenD's structs say it: `decode.ts` converts to it, and knows no
 * key by itself.
 */
export type Kind =
  | 'string'
  | 'int'
  | 'uint16'
  | 'float'
  | 'bool'
  | 'duration'
  | 'extra'
  | 'texts'
  | { readonly list: Kind }
  | { readonly fields: Fields }
export type Fields = Readonly<Record<string, Kind>>

const BACKEND: Fields = {
  group: 'string',
  method: 'string',
  host: { list: 'string' },
  disable_host_sanitize: 'bool',
  url_pattern: 'string',
  allow: { list: 'string' },
  deny: { list: 'string' },
  mapping: 'texts',
  encoding: 'string',
  is_collection: 'bool',
  target: 'string',
  sd: 'string',
  sd_scheme: 'string',
  // Has no effect, but must be one: KrakenD reads it, and gives every backend its endpoint's.
  timeout: 'duration',
  extra_config: 'extra',
  input_headers: { list: 'string' },
  input_query_strings: { list: 'string' },
}

const ENDPOINT: Fields = {
  endpoint: 'string',
  method: 'string',
  backend: { list: { fields: BACKEND } },
  concurrent_calls: 'int',
  timeout: 'duration',
  cache_ttl: 'duration',
  input_query_strings: { list: 'string' },
  extra_config: 'extra',
  input_headers: { list: 'string' },
  output_encoding: 'string',
}

const ASYNC_AGENT: Fields = {
  name: 'string',
  connection: {
    fields: { max_retries: 'int', backoff_strategy: 'string', health_interval: 'duration' },
  },
  consumer: { fields: { timeout: 'duration', workers: 'int', topic: 'string', max_rate: 'float' } },
  encoding: 'string',
  backend: { list: { fields: BACKEND } },
  extra_config: 'extra',
}

const TLS_BOTH: Fields = {
  ca_certs: { list: 'string' },
  disable_system_ca_pool: 'bool',
  min_version: 'string',
  max_version: 'string',
  curve_preferences: { list: 'uint16' },
  cipher_suites: { list: 'uint16' },
}

const TLS: Fields = {
  ...TLS_BOTH,
  disabled: 'bool',
  public_key: 'string',
  private_key: 'string',
  prefer_server_cipher_suites: 'bool',
  enable_mtls: 'bool',
  keys: { list: { fields: { public_key: 'string', private_key: 'string' } } },
}

const CLIENT_TLS: Fields = {
  ...TLS_BOTH,
  allow_insecure_connections: 'bool',
  client_certs: { list: { fields: { certificate: 'string', private_key: 'string' } } },
}

/** The document. */
export const ROOT: Fields = {
  name: 'string',
  endpoints: { list: { fields: ENDPOINT } },
  async_agent: { list: { fields: ASYNC_AGENT } },
  timeout: 'duration',
  cache_ttl: 'duration',
  host: { list: 'string' },
  port: 'int',
  listen_ip: 'string',
  version: 'int',
  output_encoding: 'string',
  extra_config: 'extra',
  read_timeout: 'duration',
  write_timeout: 'duration',
  idle_timeout: 'duration',
  read_header_timeout: 'duration',
  max_header_bytes: 'int',
  disable_keep_alives: 'bool',
  disable_compression: 'bool',
  max_idle_connections: 'int',
  max_idle_connections_per_host: 'int',
  idle_connection_timeout: 'duration',
  response_header_timeout: 'duration',
  expect_continue_timeout: 'duration',
  dialer_timeout: 'duration',
  dialer_fallback_delay: 'duration',
  dialer_keep_alive: 'duration',
  disable_rest: 'bool',
  plugin: { fields: { folder: 'string', pattern: 'string' } },
  tls: { fields: TLS },
  use_h2c: 'bool',
  debug_endpoint: 'bool',
  echo_endpoint: 'bool',
  sequential_start: 'bool',
  allow_insecure_connections: 'bool',
  client_tls: { fields: CLIENT_TLS },
  dns_cache_ttl: 'duration',
  max_shutdown_wait_time: 'duration',
}
