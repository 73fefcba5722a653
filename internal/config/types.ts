import type { JsonObject, JsonValue } from '../pipe/pipe.ts'

/**
 * The configuration after `config/load.ts`: names in camelCase, every default filled in, durations in
 * milliseconds, aliases resolved, frozen. Whoever holds one trusts it: no checks and no defaults further in.
 * It crosses threads by structured clone, so it holds data only.
 */
export type ServiceConfig = {
  /** The file it came from, for messages. */
  readonly file: string
  /** '' when the file names none. */
  readonly name: string
  readonly port: number
  /** '' listens on all interfaces. */
  readonly listenIp: string
  /** What endpoints have that name none. */
  readonly timeoutMs: number
  readonly endpoints: readonly EndpointConfig[]
  readonly asyncAgents: readonly AsyncAgentConfig[]
  readonly debugEndpoint: boolean
  readonly echoEndpoint: boolean
  readonly sequentialStart: boolean
  /** Placeholders anywhere in a path (`/file.{ext}`), not only as whole segments. */
  readonly disableRest: boolean
  readonly dnsCacheTtlMs: number
  readonly useH2c: boolean
  /** 0 waits for ever. */
  readonly maxShutdownWaitMs: number
  readonly server: ServerTimeouts
  readonly transport: TransportConfig
  readonly router: RouterConfig
  readonly tls: ServerTlsConfig | undefined
  readonly clientTls: ClientTlsConfig | undefined
  readonly plugin: { readonly folder: string; readonly pattern: string } | undefined
  readonly extraConfig: ExtraConfig
}

/** What a namespace holds, as parsed: its feature validates and reads it. Keys are KrakenD's current names. */
export type ExtraConfig = Readonly<Record<string, JsonValue>>

export type ServerTimeouts = {
  /** The whole request; 0 is no limit. */
  readonly readMs: number
  readonly readHeaderMs: number
  readonly writeMs: number
  readonly idleMs: number
  readonly maxHeaderBytes: number
}

/** How connections to upstreams are made and kept: one set for the whole process. */
export type TransportConfig = {
  /** 0: the operating system's. */
  readonly dialerTimeoutMs: number
  readonly dialerKeepAliveMs: number
  readonly dialerFallbackDelayMs: number
  readonly disableCompression: boolean
  readonly disableKeepAlives: boolean
  /** 0 is no limit; of the process, divided among threads. */
  readonly maxIdleConnections: number
  readonly maxIdleConnectionsPerHost: number
  /** 0: idle connections stay. */
  readonly idleConnectionTimeoutMs: number
  /** 0: only the endpoint's own timeout. */
  readonly responseHeaderTimeoutMs: number
  readonly expectContinueTimeoutMs: number
}

export type RouterConfig = {
  readonly autoOptions: boolean
  /** JSON bodies for no-route and no-method answers. */
  readonly errorBody404: JsonValue | undefined
  readonly errorBody405: JsonValue | undefined
  readonly returnErrorMsg: boolean
  readonly hideVersionHeader: boolean
  readonly disableHealth: boolean
  readonly healthPath: string
  readonly loggerSkipPaths: readonly string[]
  readonly disableAccessLog: boolean
  readonly disablePathDecoding: boolean
  readonly redirectTrailingSlash: boolean
  readonly redirectFixedPath: boolean
  readonly handleMethodNotAllowed: boolean
  readonly forwardedByClientIp: boolean
  /** Canonical names, in the order they are asked. */
  readonly remoteIpHeaders: readonly string[]
  /** Addresses and CIDR blocks; everything by default, as gin does. */
  readonly trustedProxies: readonly string[]
  readonly appEngine: boolean
  readonly removeExtraSlash: boolean
  readonly useH2c: boolean
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
export type ServerTlsConfig = {
  readonly disabled: boolean
  readonly keys: readonly { readonly publicKey: string; readonly privateKey: string }[]
  readonly caCerts: readonly string[]
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** OpenSSL names, in order; empty: the default. */
  readonly curves: readonly string[]
  readonly ciphers: readonly string[]
  readonly enableMtls: boolean
  readonly disableSystemCaPool: boolean
}
export type ClientTlsConfig = {
  readonly allowInsecureConnections: boolean
  readonly caCerts: readonly string[]
  readonly disableSystemCaPool: boolean
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  readonly curves: readonly string[]
  readonly ciphers: readonly string[]
  readonly clientCerts: readonly { readonly certificate: string; readonly privateKey: string }[]
}

export type EndpointConfig = {
  /** Position in the document's `endpoints`. */
  readonly index: number
  /** As in the file, with its leading slash: `/users/{id}`, `/files/*`. */
  readonly endpoint: string
  readonly method: string
  readonly backends: readonly BackendConfig[]
  /** `json`, `json-collection`, `string`, `xml`, `yaml`, `negotiate`, `no-op`; unknown names are resolved already. */
  readonly outputEncoding: string
  readonly concurrentCalls: number
  readonly timeoutMs: number
  readonly cacheTtlMs: number
  /** Canonical; `['*']` passes all; empty passes only Content-Type. */
  readonly inputHeaders: readonly string[]
  readonly inputQueryStrings: readonly string[]
  readonly extraConfig: ExtraConfig
}

export type BackendConfig = {
  /** Position in the endpoint's `backend`. */
  readonly index: number
  /** Numbers this backend entry in the process: names its round-robin cursor and its metrics. */
  readonly id: number
  /** Sanitised (`http://name:port`), or as written with `disable_host_sanitize` or a discovery `sd`. */
  readonly hosts: readonly string[]
  /** As in the file, with a leading slash: `/u/{id}?x=1`. */
  readonly urlPattern: string
  readonly method: string
  /** `json`, `safejson`, `string`, `xml`, `rss`, `no-op`; unknown names are `json` already. */
  readonly encoding: string
  readonly isCollection: boolean
  readonly target: string
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly mapping: Readonly<Record<string, string>>
  readonly group: string
  /** Canonical; empty: no further filter. */
  readonly inputHeaders: readonly string[]
  readonly inputQueryStrings: readonly string[]
  readonly sd: string
  readonly sdScheme: 'http' | 'https'
  readonly extraConfig: ExtraConfig
}

export type AsyncAgentConfig = {
  readonly name: string
  readonly connection: {
    readonly maxRetries: number
    readonly backoffStrategy: string
    readonly healthIntervalMs: number
  }
  readonly consumer: {
    readonly topic: string
    readonly workers: number
    readonly timeoutMs: number
    readonly maxRate: number
  }
  readonly encoding: string
  readonly backends: readonly BackendConfig[]
  readonly extraConfig: ExtraConfig
}

/** The part of a namespace that is an object, or `undefined` when it is absent or something else. */
export function namespace(extraConfig: ExtraConfig, name: string): JsonObject | undefined {
  const value = extraConfig[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
