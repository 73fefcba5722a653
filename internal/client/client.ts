import type { Deadline } from '../pipe/deadline.ts'
import type { BodyStream, HeaderList, RequestBody } from '../pipe/pipe.ts'
import type { DialTimes } from './dial-times.ts'

/** One call to an upstream, ready to be sent. */
export type Call = {
  readonly method: string
  /** `scheme://host:port`. */
  readonly origin: string
  /** Path and query, percent-encoded. */
  readonly path: string
  readonly headers: HeaderList
  readonly body: RequestBody
  /** Told when a connection is opened for the call; none is where a kept one serves. */
  readonly onDial?: ((times: DialTimes) => void) | undefined
  /** Told when a connection is there and the call goes out on it. */
  readonly onConnected?: (() => void) | undefined
}

/** An upstream's answer, as far as its headers: the body flows when asked for. */
export type UpstreamReply = {
  readonly status: number
  /** The address that answered, where redirects led to another than the call's own. */
  readonly redirectedTo?: string
  /** The first value of a header, by its name in small letters. */
  header(lowerName: string): string | undefined
  /** All headers with canonical names: built anew at each call. */
  headerList(): HeaderList
  readonly body: BodyStream
}

/** Sends one call. Rejects with a `GatewayError`; the deadline ends call and body alike. */
export type Send = (call: Call, deadline: Deadline) => Promise<UpstreamReply>

/** Sends calls over pooled connections. */
export type Client = {
  /** Follows redirects. */
  readonly send: Send
  /** The same for one hop: a redirect is an answer like any other. */
  readonly exchange: Send
  /** Closes idle connections to `origin` and the others when their calls are done. */
  retire(origin: string): void
  close(): Promise<void>
}
