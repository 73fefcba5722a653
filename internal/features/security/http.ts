import { type Options, optionsOf } from '../../config/options.ts'
import { headerValue } from '../../pipe/headers.ts'
import type { ClientRequest, HeaderList, Reply } from '../../pipe/pipe.ts'
import { pathOf, type ServiceFeature } from '../feature.ts'
import { allowedHosts } from './allowed-hosts.ts'
import { freshNonce } from './csp-nonce.ts'
import { exceptHealth } from './except-health.ts'
import { redirectToHttps } from './redirect-to-https.ts'

const NAMESPACE = 'security/http'
const BAD_HOST: Reply = Object.freeze({
  status: 500,
  headers: ['Content-Type', 'text/plain; charset=utf-8', 'X-Content-Type-Options', 'nosniff'],
  body: 'Bad Host\n',
})

/**
 * `security/http`: refuses hosts that are not served, redirects to https, and adds the headers that protect
 * browsers. Covers every path but health. Semantics of unrolled/secure 1.15.
 */
export const httpSecurity: ServiceFeature = {
  namespace: NAMESPACE,
  isBehindRouter: true,
  prepare(config, place) {
    const options = optionsOf(config, pathOf(NAMESPACE, place))
    const isDevelopment = options.flag('is_development')
    const isAllowed = allowedHosts(options)
    const hostOf = requestedHost(options.texts('host_proxy_headers'))
    const isSecure = secureConnection(options.table('ssl_proxy_headers'))
    const mustRedirect = options.flag('ssl_redirect') && !isDevelopment
    const redirect = redirectToHttps(options.text('ssl_host'))
    const headers = responseHeaders(options, isDevelopment)
    const withNonce = freshNonce(options.text('content_security_policy'))

    return exceptHealth(
      (next) =>
        function secureHttp(request, deadline) {
          const host = hostOf(request)
          if (!isDevelopment && !isAllowed(host)) return Promise.resolve(BAD_HOST)
          const secure = isSecure(request)
          if (mustRedirect && !secure) return Promise.resolve(redirect(request, host))
          const own = secure ? headers.secure : headers.plain
          if (own.length === 0) return next(request, deadline)
          // The server's own answers are not the guards' business, as in gin.
          return next(request, deadline).then((reply) =>
            reply.isUnlogged
              ? reply
              : { ...reply, headers: [...(withNonce?.(own) ?? own), ...reply.headers] },
          )
        },
      place,
    )
  },
}

/** The host that the client asked for: the first proxy header that is there, or Host. */
function requestedHost(names: readonly string[]): (request: ClientRequest) => string {
  const lower = names.map((name) => name.toLowerCase())
  return ({ headers, host }) => {
    for (const name of lower) {
      const value = headerValue(headers, name)
      if (value !== undefined && value !== '') return value
    }
    return host
  }
}

/** Whether the client's connection is encrypted, here or by the word of a proxy. */
function secureConnection(
  proxyHeaders: ReadonlyMap<string, string>,
): (request: ClientRequest) => boolean {
  const pairs = [...proxyHeaders].map(([name, value]) => [name.toLowerCase(), value] as const)
  return ({ isEncrypted, headers }) =>
    isEncrypted || pairs.some(([name, value]) => (headerValue(headers, name) ?? '') === value)
}

/** The headers of every answer, without and with TLS. */
function responseHeaders(
  options: Options,
  isDevelopment: boolean,
): { readonly plain: HeaderList; readonly secure: HeaderList } {
  const frame = options.text('custom_frame_options_value') || (options.flag('frame_deny') && 'DENY')
  const always = [
    ...line('X-Frame-Options', frame),
    ...line('X-Content-Type-Options', options.flag('content_type_nosniff') && 'nosniff'),
    ...line('X-Xss-Protection', options.flag('browser_xss_filter') && '1; mode=block'),
    ...line('Content-Security-Policy', options.text('content_security_policy')),
    ...line('Referrer-Policy', options.text('referrer_policy')),
  ]
  const seconds = options.whole('sts_seconds')
  const subdomains = options.flag('sts_include_subdomains') ? '; includeSubDomains' : ''
  const sts =
    seconds === 0 || isDevelopment
      ? []
      : ['Strict-Transport-Security', `max-age=${seconds}${subdomains}`]
  return {
    plain: options.flag('force_sts_header') ? [...sts, ...always] : always,
    secure: [...sts, ...always],
  }
}

/** One header, or none. */
const line = (name: string, value: string | false): HeaderList =>
  value === false || value === '' ? [] : [name, value]
