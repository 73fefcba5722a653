/**
 * Every failure of a request, in one table: what a client sees of it. `status` is absent where KrakenD's
 * error carries none: it becomes 500, and a merge never surfaces it.
 */
const ERRORS = {
  timeout: { message: 'context deadline exceeded' },
  canceled: { message: 'context canceled' },
  internal: { message: 'internal server error' },
  'no-hosts': { message: 'no hosts available' },
  'discovery-not-ready': { message: 'no hosts known yet', status: 503 },
  'invalid-response': { message: 'invalid response' },
  'bad-url': { message: 'invalid upstream URL' },
  'bad-header': { message: 'invalid header for the upstream' },
  connect: { message: 'cannot connect to the upstream' },
  upstream: { message: 'the upstream failed' },
  'status-code': { message: 'invalid status code' },
  decode: { message: 'cannot decode the upstream answer' },
  'body-too-large': { message: 'the upstream answer is too large' },
  'request-too-large': { message: 'the request body is too large', status: 413 },
  'request-body': { message: 'cannot read the request body', status: 400 },
  merge: { message: 'all parts failed' },
  /** A component's own error (Lua, CEL, plugin, limit, breaker); message and status come with it. */
  component: { message: 'component failed' },
} as const satisfies Record<string, { message: string; status?: number }>

export type ErrorCode = keyof typeof ERRORS

export type ErrorDetails = {
  message?: string
  /** Overrides the table's. */
  status?: number | undefined
  /** Content-Type of `message` when it is shown to the client (`return_error_msg`). */
  contentType?: string | undefined
  /** Further headers of the reply. */
  headers?: readonly string[]
  /** What the upstream answered, where that is what failed. */
  upstreamStatus?: number | undefined
  cause?: unknown
}

/** A request that failed. Thrown anywhere; turned into a reply in one place and into a log line in one place. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  /** `undefined`: 500 to the client, and invisible after a merge. */
  readonly status: number | undefined
  readonly contentType: string | undefined
  readonly headers: readonly string[]
  readonly upstreamStatus: number | undefined

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const row: { message: string; status?: number } = ERRORS[code]
    // No stack: these are answers, not bugs, and a stack costs more than the answer.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(
      details.message ?? row.message,
      details.cause === undefined ? {} : { cause: details.cause },
    )
    Error.stackTraceLimit = limit
    this.code = code
    this.status = details.status ?? row.status
    this.contentType = details.contentType
    this.headers = details.headers ?? []
    this.upstreamStatus = details.upstreamStatus
  }
}

/** Wraps whatever was thrown: a `GatewayError` stays itself, anything else becomes `code` with it as cause. */
export function toGatewayError(thrown: unknown, code: ErrorCode = 'internal'): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new GatewayError(code, { message, cause: thrown })
}

/** Where in which file something stands; line and column start at 1. */
export type Place = {
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** As in `endpoints[0].backend[1].host`. */
  readonly path?: string | undefined
}

/** One thing wrong with a configuration, worded for the person who wrote it. */
export type ConfigProblem = {
  readonly place: Place
  readonly message: string
  /** What was found, what is allowed, and the nearest known key, where they help. */
  readonly found?: string | undefined
  readonly allowed?: string | undefined
  readonly nearest?: string | undefined
  /** How loud a warning is logged; a warning when absent. */
  readonly severity?: 'warning' | 'error' | undefined
}

/** A configuration that cannot be run. Carries everything that is wrong with it, not only the first thing. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[] | string, place: Place = {}) {
    const list = typeof problems === 'string' ? [{ place, message: problems }] : problems
    super(list.map(describeProblem).join('\n'))
    this.problems = list
  }
}

/** One line: `krakend.json:12:5 endpoints[0].timeout: time: invalid duration "abc" (found ..., allowed ..., did you mean ...?)`. */
export function describeProblem({
  place,
  message,
  found,
  allowed,
  nearest,
}: ConfigProblem): string {
  const file =
    place.file === undefined
      ? ''
      : `${place.file}${place.line === undefined ? '' : `:${place.line}:${place.column ?? 1}`} `
  const path = place.path === undefined || place.path === '' ? '' : `${place.path}: `
  const extras = [
    found === undefined ? undefined : `found ${found}`,
    allowed === undefined ? undefined : `allowed: ${allowed}`,
    nearest === undefined ? undefined : `did you mean ${nearest}?`,
  ].filter((extra) => extra !== undefined)
  return `${file}${path}${message}${extras.length === 0 ? '' : ` (${extras.join('; ')})`}`
}
