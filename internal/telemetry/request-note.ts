/** A span as those below it and other services know it (W3C Trace Context). */
export type SpanContext = {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** Whether it is recorded. */
  readonly isSampled: boolean
  /** It came with the request. */
  readonly isRemote: boolean
  /** `tracestate` and `baggage` as they came; `''` without. */
  readonly state: string
  readonly baggage: string
}

/** What an endpoint says about a request to those who observe it from outside. */
export type EndpointNote = {
  /** In the router's form: `/users/:id`. */
  readonly route: string
  /** It is left out of all telemetry. */
  readonly isSkipped: boolean
  /** Counts a reply. */
  readonly count: (method: string, status: number, bytes: number, tookMs: number) => void
  /** Attributes that it adds to the request's span. */
  readonly attributes: Attributes
}
/** Made by the observer, filled in by the endpoint that the request meets. */
export type RequestNote = {
  endpoint: EndpointNote | undefined
  /** As the configuration writes it: `/users/{id}`. */
  pattern: string | undefined
}

/** A floating-point number, whatever its value: plain numbers are integers. */
export type Double = { readonly double: number }
export type AttributeValue = string | number | boolean | Double | readonly string[]
/** Name, value, name, value, ... */
export type Attributes = readonly (string | AttributeValue)[]
