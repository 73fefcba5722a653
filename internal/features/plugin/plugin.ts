import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'

export type { JsonObject, JsonValue }

/**
 * What a plugin module exports as `default`. Modules are loaded once per request thread, before it listens; a value
 * they keep is that thread's own. Types only: whatever a plugin needs at run time is handed to it.
 */
export type Plugin = {
  /** How configurations name it. */
  readonly name: string
  /** For `plugin/http-server`. */
  readonly httpServer?: HttpServer
  /** For `plugin/http-client`. */
  readonly httpClient?: HttpClient
  /** For `plugin/req-resp-modifier`; a plugin may have both. */
  readonly requestModifier?: RequestModifier
  readonly responseModifier?: ResponseModifier
}

/** Wraps the whole router: sees every request first and every reply last. */
export type HttpServer = Factory<
  (request: ServerRequest, next: (request: ServerRequest) => Promise<Reply>) => Result<ReplyDraft>
>
/** Makes a backend's calls; `next` is the gateway's own client. */
export type HttpClient = Factory<
  (call: ClientCall, next: (call: ClientCall) => Promise<Reply>) => Result<ReplyDraft>
>
/** Changes requests: returns the changed one, or nothing to leave it as it is. */
export type RequestModifier = Factory<
  (request: ProxiedRequest) => Result<ProxiedRequest | undefined>
>
/** Changes answers that came without a failure: returns the changed one, or nothing. */
export type ResponseModifier = Factory<
  (response: ProxiedResponse) => Result<ProxiedResponse | undefined>
>

/**
 * Called once for each place in the configuration that names the plugin, with what stands there (its namespace as a
 * whole). What it throws stops the start. What the returned function throws or rejects with fails its request alone.
 */
export type Factory<Work> = (config: JsonObject, helpers: Helpers) => Work
export type Result<Value> = Value | Promise<Value>

/** What plugins work with instead of imports. */
export type Helpers = {
  /** Writes into the application's log, behind the plugin's name. */
  readonly log: {
    debug(...words: readonly unknown[]): void
    info(...words: readonly unknown[]): void
    warning(...words: readonly unknown[]): void
    error(...words: readonly unknown[]): void
  }
  /** An error with a status: `throw helpers.error('quota is used up', { status: 429 })`. */
  error(message: string, details: { readonly status: number; readonly contentType?: string }): Error
}

/** Values by canonical name (`X-Forwarded-For`), each in the order in which it came. */
export type Values = Readonly<Record<string, readonly string[]>>

/** A body that may still be on its way. */
export type Body = {
  /** All of it, in memory from then on. */
  bytes(): Promise<Buffer>
}
/** What stands in the place of a body: the one that came, another, or none. */
export type BodyDraft = Body | Buffer | string | undefined

export type ServerRequest = {
  readonly method: string
  /** As received: percent-encoded, without the query. */
  readonly path: string
  /** What follows the first `?`, undecoded. */
  readonly rawQuery: string
  readonly headers: Values
  readonly host: string
  readonly clientAddress: string
  readonly body: BodyDraft
}

export type ClientCall = {
  readonly method: string
  /** The whole address. */
  readonly url: string
  readonly headers: Values
  readonly body: BodyDraft
}

export type Reply = { readonly status: number; readonly headers: Values; readonly body: Body }
/** A reply that came, a changed copy of it, or one of the plugin's own. */
export type ReplyDraft = {
  readonly status: number
  readonly headers?: Values
  readonly body?: BodyDraft
}

export type ProxiedRequest = {
  readonly method: string
  /** On backends, with its query, what the upstream is asked for; on endpoints the client's, and a change has no effect. */
  readonly path: string
  /** On endpoints: what goes into the query of every backend. */
  readonly query: Values
  readonly headers: Values
  /** By name with a capital first letter (`Id`), as `url_pattern` uses them. */
  readonly params: Readonly<Record<string, string>>
  readonly body: BodyDraft
}

export type ProxiedResponse = {
  /** The decoded answer; absent where it passes through as it is (`no-op`). */
  readonly data?: JsonObject | null
  /** The answer's bytes with `no-op`; absent otherwise. */
  readonly body?: BodyDraft
  readonly isComplete: boolean
  /** The status and headers for the client: of use with `no-op` only. */
  readonly status: number
  readonly headers: Values
}
