import type { GatewayError } from '../errors.ts'
import type { Deadline } from './deadline.ts'
import type { TlsSession } from './tls-session.ts'

/**
 * Header lines in order: name, value, name, value, ... A name that occurs twice stands twice.
 * Names of a `ClientRequest` are as the client wrote them; everywhere else they are canonical
 * (`X-Forwarded-For`). Look-ups live in `pipe/headers.ts`.
 */
export type HeaderList = readonly string[]

/** Decoded query parameters in order: name, value, name, value, ... */
export type QueryList = readonly string[]

/** Path parameters (and what features add to them, such as `JWT.sub`) by name. */
export type Params = Readonly<Record<string, string>>

/** Any JSON value. A number whose value a double cannot hold is a `JSON.rawJSON` object. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export type JsonObject = { [key: string]: JsonValue }

/** Bytes on their way: nothing flows until `start`, and `false` from `data` holds them back until `resume`. */
export type BodyStream = {
  start(sink: BodySink): void
  resume(): void
  /** Gives the rest up and frees the connection it comes from. Harmless after the end. */
  destroy(reason?: Error): void
  /** Told by a reader that keeps nothing: this chunk, and all before it, left. Nobody may look at them again. */
  left?(chunk: Buffer): void
}
export type BodySink = {
  data(chunk: Buffer): boolean
  end(): void
  error(error: Error): void
}

/** A request's body: absent, held in memory, or still arriving. */
export type RequestBody = undefined | Buffer | NodeJS.ReadableStream

/** What a client sent, before anything is selected from it. A changed one is a copy. */
export type ClientRequest = {
  readonly method: string
  /** The path as received: percent-encoding kept, without the query. */
  readonly path: string
  /** What follows the first `?`, undecoded; `''` without one. */
  readonly rawQuery: string
  readonly headers: HeaderList
  readonly host: string
  /** The TCP peer's address. */
  readonly peerAddress: string
  /** The peer, or the address that trusted proxies vouch for (gin's `ClientIP`). */
  readonly clientAddress: string
  readonly isEncrypted: boolean
  /** Of the client's own connection. */
  readonly tls?: TlsSession | undefined
  /** By the names of the endpoint's pattern, as written there. */
  readonly params: Params
  readonly body: RequestBody
}

/** What answers a client. `Content-Length` is the listener's business. */
export type Reply = {
  readonly status: number
  readonly headers: HeaderList
  readonly body: ReplyBody
  /** Texts that the access log prints under its line (`Error #01: ...`). */
  readonly errors?: readonly string[]
  /** Redirects to a cleaner path are not logged, as in gin. */
  readonly isUnlogged?: true
}
/** Text (sent as UTF-8), bytes, several pieces sent one after the other, a stream, or nothing. */
export type ReplyBody = undefined | string | Buffer | readonly Buffer[] | BodyStream

/** One request to one upstream, or to all of an endpoint before they part. Read-only; the next one is a copy. */
export type ProxyRequest = {
  readonly method: string
  /** `scheme://host:port` plus a base path, chosen by the balancer; `''` before. */
  readonly host: string
  /** Path and literal query of `url_pattern`, filled in; before that the client's path. */
  readonly path: string
  readonly query: QueryList
  readonly headers: HeaderList
  /** By name with a capital first letter (`Id_user`), as KrakenD's components see them. */
  readonly params: Params
  readonly body: RequestBody
}

/** What a pipe resolves with. A failure without anything to show rejects with a `GatewayError` instead. */
export type ProxyResponse = DataResponse | StreamResponse

export type DataResponse = {
  readonly kind: 'data'
  /** `null` when the upstream answered `null`. */
  readonly data: JsonObject | null
  /**
   * Exact JSON texts of `data` and of values in it while nobody changed them: encoders send them as they are.
   * A decorator that changes `data` builds a response without them.
   */
  readonly sources: readonly JsonSource[]
  readonly isComplete: boolean
  /** 0 unless a component (lambda, Lua, plugin) set one. */
  readonly status: number
  /** Headers for the client that a component set. */
  readonly headers: HeaderList
  /** Failures of parts, when this is a partial answer. */
  readonly errors: readonly GatewayError[]
}
/**
 * `text` is one JSON value and nothing else, of this very `value`, not of one that equals it: short ASCII as a string,
 * which is cheaper to send, other UTF-8 as the bytes that came.
 */
export type JsonSource = {
  readonly value: JsonObject | readonly JsonValue[]
  readonly text: string | Buffer
}

/** An upstream's answer passed through as it comes (`no-op`). */
export type StreamResponse = {
  readonly kind: 'stream'
  readonly status: number
  readonly headers: HeaderList
  readonly body: BodyStream
  readonly isComplete: boolean
  /** A component set data that nobody writes: only then a stream counts as completed, as in KrakenD. */
  readonly hasData?: true
  readonly errors: readonly GatewayError[]
}

/** Answers a client. What stands before the proxy (auth, limits on clients) wraps this. */
export type Handler = (request: ClientRequest, deadline: Deadline) => Promise<Reply>
/** Turns a proxy request into a response. Endpoints and backends are both pipes. */
export type Pipe = (request: ProxyRequest, deadline: Deadline) => Promise<ProxyResponse>
/** Wraps either in one more concern. */
export type Decorator<T> = (next: T) => T
/** Joins many pipes into one. */
export type Merger = (branches: readonly Pipe[]) => Pipe

/** Wraps `core` in `decorators`, listed in the order in which a request meets them. */
export function compose<T>(decorators: readonly Decorator<T>[], core: T): T {
  return decorators.reduceRight((next, decorate) => decorate(next), core)
}
