import type { RouterConfig } from '../config/types.ts'
import type { ClientRequest, Handler, HeaderList, JsonValue, Reply } from '../pipe/pipe.ts'
import { goTime } from './go-time.ts'
import { redirectReply } from './redirect.ts'
import { type Found, WHOLE_SERVER } from './router.ts'
import { versionHeader } from './version-header.ts'

const JSON_TYPE: HeaderList = Object.freeze(['Content-Type', 'application/json; charset=utf-8'])
const PLAIN: HeaderList = Object.freeze(['Content-Type', 'text/plain'])

/** When each async agent was last known to be alive (Go's time format), by its name. */
export type AgentReports = () => Readonly<Record<string, string>>

export type HealthScope = {
  readonly agents: AgentReports
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds since the process started. */
  readonly uptime: () => number
}

/** Answers that the gateway is alive, and what its async agents reported. */
export function health({ agents, now, uptime }: HealthScope): Handler {
  return async function answerHealth() {
    const report = { agents: agents(), now: goTime(now(), uptime()), status: 'ok' }
    return { status: 200, headers: JSON_TYPE, body: JSON.stringify(report) }
  }
}

/** What a request without a route gets. Build once, ask for each such request. */
export type Unrouted = (
  request: ClientRequest,
  found: Exclude<Found<unknown>, { kind: 'route' }>,
) => Reply

/** Compiles the answers to requests that have no route: 404, 405, redirects, and 400 for a broken path. */
export function unrouted(
  config: Pick<RouterConfig, 'errorBody404' | 'errorBody405' | 'hideVersionHeader'>,
): Unrouted {
  const version = versionHeader(config)
  const notFound = failure(version, 404, config.errorBody404, '404 page not found')
  const notAllowed = failure(version, 405, config.errorBody405, '405 method not allowed')

  return (request, found) => {
    switch (found.kind) {
      case 'not-found':
        return isServerOptions(request) ? SERVER_OPTIONS : notFound
      case 'method-not-allowed':
        return { ...notAllowed, headers: ['Allow', found.allow, ...notAllowed.headers] }
      case 'redirect':
        return redirectReply(request, found)
      case 'bad-path':
        return BAD_REQUEST
    }
  }
}

/** `OPTIONS *` asks the server, not a path: Go's answers for itself. */
const isServerOptions = ({ method, path }: ClientRequest): boolean =>
  method === 'OPTIONS' && path === WHOLE_SERVER
const SERVER_OPTIONS: Reply = Object.freeze({
  status: 200,
  headers: [],
  body: undefined,
  isUnlogged: true,
})

/** As Go's server answers before any handler runs. */
const BAD_REQUEST: Reply = Object.freeze({
  status: 400,
  headers: ['Content-Type', 'text/plain; charset=utf-8', 'Connection', 'close'],
  body: '400 Bad Request',
})

function failure(
  version: string,
  status: number,
  body: JsonValue | undefined,
  text: string,
): Reply {
  const lines = ['X-Krakend', version, 'X-Krakend-Completed', 'false']
  return Object.freeze(
    body === undefined
      ? { status, headers: [...lines, ...PLAIN], body: text }
      : { status, headers: [...lines, ...JSON_TYPE], body: JSON.stringify(body) },
  )
}

/** Answers OPTIONS with the methods that a path has (`auto_options`). */
export function allowOptions(
  methods: readonly string[],
  config: Pick<RouterConfig, 'hideVersionHeader'>,
): Handler {
  const reply: Reply = Object.freeze({
    status: 200,
    headers: ['Allow', methods.toSorted().join(', '), 'X-Krakend', versionHeader(config)],
    body: undefined,
  })
  return async function answerOptions() {
    return reply
  }
}
