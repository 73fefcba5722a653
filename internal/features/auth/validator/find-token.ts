import type { Options } from '../../../config/options.ts'
import { headerValue, headerValues } from '../../../pipe/headers.ts'
import type { HeaderList } from '../../../pipe/pipe.ts'

/** Where a request carries its token. `undefined`: nowhere. */
export type FindToken = (headers: HeaderList) => string | undefined

const SCHEME = 'bearer '
/** RFC 6265 without the quote and the backslash, as Go's `net/http` reads cookies. */
const COOKIE_VALUE = /^[ !#-:<-[\]-~]*$/

/** In the header (with or without the word Bearer), else in the cookie. */
export function tokenFinder(options: Options): FindToken {
  const header = (options.text('auth_header_name') || 'Authorization').toLowerCase()
  const cookie = options.text('cookie_key') || 'access_token'
  return function findToken(headers) {
    const value = headerValue(headers, header)
    if (value !== undefined && value !== '') return withoutScheme(value)
    return cookieNamed(cookie, headers)
  }
}

function withoutScheme(value: string): string {
  const hasScheme =
    value.length > SCHEME.length && value.slice(0, SCHEME.length).toLowerCase() === SCHEME
  return hasScheme ? value.slice(SCHEME.length) : value
}

/** The first cookie of that name whose value is one. */
export function cookieNamed(name: string, headers: HeaderList): string | undefined {
  for (const line of headerValues(headers, 'cookie'))
    for (const pair of line.split(';')) {
      const [found = '', ...rest] = pair.trim().split('=')
      if (found.trim() !== name || rest.length === 0) continue
      const value = unquoted(rest.join('='))
      if (COOKIE_VALUE.test(value)) return value
    }
  return undefined
}

const unquoted = (value: string): string =>
  value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
