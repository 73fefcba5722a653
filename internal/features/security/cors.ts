import { parseDuration } from '../../config/duration.ts'
import { type Options, optionsOf } from '../../config/options.ts'
import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { canonicalHeader, headerValue, headerValues } from '../../pipe/headers.ts'
import type { ClientRequest, HeaderList, Reply } from '../../pipe/pipe.ts'
import { pathOf, type ServiceFeature } from '../feature.ts'
import { headerRequests } from './cors-headers.ts'
import { allowedOrigins } from './cors-origins.ts'

const NAMESPACE = 'security/cors'
const SIMPLE_METHODS = ['GET', 'POST', 'HEAD']
const NO_CONTENT = 204
const VARY_PREFLIGHT = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'

/**
 * `security/cors`: answers preflights and adds the headers that let browsers read answers, on every path. A
 * request from elsewhere is served all the same, without them. Semantics of rs/cors 1.11.
 */
export const cors: ServiceFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const options = optionsOf(config, pathOf(NAMESPACE, place))
    const rules = corsRules(options)
    const status = successStatus(options)
    const passesThrough = options.flag('options_passthrough')
    const log = options.flag('debug') ? scope.log : undefined
    return (next) =>
      function shareResources(request, deadline) {
        const isPreflight = isPreflightRequest(request)
        const headers = isPreflight ? rules.preflight(request) : rules.actual(request)
        log?.debug('[CORS]', isPreflight ? 'Preflight' : 'Actual', 'response headers:', headers)
        if (isPreflight && !passesThrough)
          return Promise.resolve<Reply>({ status, headers, body: undefined })
        return next(request, deadline).then((reply) => ({
          ...reply,
          headers: [...headers, ...reply.headers],
        }))
      }
  },
}

const isPreflightRequest = ({ method, headers }: ClientRequest): boolean =>
  method === 'OPTIONS' && (headerValue(headers, 'access-control-request-method') ?? '') !== ''

/** The headers that each kind of request earns. */
type CorsRules = {
  preflight(request: ClientRequest): HeaderList
  actual(request: ClientRequest): HeaderList
}

function corsRules(options: Options): CorsRules {
  const origins = allowedOrigins(options.texts('allow_origins'))
  const listed = options.texts('allow_methods')
  const methods = new Set(['OPTIONS', ...(listed.length === 0 ? SIMPLE_METHODS : listed)])
  const requests = headerRequests(options.texts('allow_headers'))
  const exposed = options.texts('expose_headers').map(canonicalHeader).join(', ')
  const credentials = line(
    'Access-Control-Allow-Credentials',
    options.flag('allow_credentials') && 'true',
  )
  const expose = line('Access-Control-Expose-Headers', exposed)
  const maxAge = line('Access-Control-Max-Age', maxAgeSeconds(options))
  const isPrivateOpen = options.flag('allow_private_network')
  const vary = isPrivateOpen
    ? `${VARY_PREFLIGHT}, Access-Control-Request-Private-Network`
    : VARY_PREFLIGHT

  return {
    preflight({ headers }) {
      const allowed = origins(headerValues(headers, 'origin'))
      const asked = headerValues(headers, 'access-control-request-method')
      const wanted = headerValues(headers, 'access-control-request-headers')
      if (allowed.length === 0 || !methods.has(asked[0] ?? '') || !requests(wanted))
        return ['Vary', vary]
      const isPrivate =
        isPrivateOpen && headerValue(headers, 'access-control-request-private-network') === 'true'
      return [
        ...['Vary', vary, ...lines('Access-Control-Allow-Origin', allowed)],
        ...lines('Access-Control-Allow-Methods', asked),
        ...((wanted[0] ?? '') === '' ? [] : lines('Access-Control-Allow-Headers', wanted)),
        ...credentials,
        ...line('Access-Control-Allow-Private-Network', isPrivate && 'true'),
        ...maxAge,
      ]
    },
    actual({ method, headers }) {
      const allowed = origins(headerValues(headers, 'origin'))
      if (allowed.length === 0 || !methods.has(method)) return VARY_ORIGIN
      const allow = lines('Access-Control-Allow-Origin', allowed)
      return [...VARY_ORIGIN, ...allow, ...expose, ...credentials]
    },
  }
}

const VARY_ORIGIN: HeaderList = Object.freeze(['Vary', 'Origin'])

const lines = (name: string, values: readonly string[]): HeaderList =>
  values.flatMap((value) => [name, value])

/** One header, or none. */
const line = (name: string, value: string | false): HeaderList =>
  value === false || value === '' ? [] : [name, value]

/** Whole seconds; a negative age tells browsers to forget at once, and none leaves it to them. */
function maxAgeSeconds(options: Options): string {
  const found = options.text('max_age')
  if (found === '') return ''
  const parsed = parseDuration(found)
  if ('reason' in parsed)
    throw wrong(options, 'max_age', { message: parsed.reason, found, allowed: 'a duration (12h)' })
  const seconds = Math.trunc(parsed.ms / 1000)
  return seconds === 0 ? '' : String(Math.max(seconds, 0))
}

function successStatus(options: Options): number {
  const status = options.whole('options_success_status') || NO_CONTENT
  if (status >= 200 && status <= 599) return status
  const found = String(status)
  const message = 'no status of a final answer'
  throw wrong(options, 'options_success_status', { message, found, allowed: '200 to 599' })
}

const wrong = (options: Options, key: string, problem: Omit<ConfigProblem, 'place'>): ConfigError =>
  new ConfigError([{ place: { path: options.path(key) }, ...problem }])
