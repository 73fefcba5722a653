/** A request as wrk sends it. */
export type Sent = {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a scenario sends (in turn, where it is more than one) and what each gateway must answer. */
export type Exchange = {
  readonly method: 'GET' | 'POST'
  readonly body?: string
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>
  readonly sent: readonly [Sent, ...Sent[]]
  /** Compared as JSON: gateways write keys in an order of their own. */
  readonly answer: unknown
}
