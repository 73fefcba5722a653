import { headerValue, headerValues, withHeader } from '../../../../pipe/headers.ts'
import type { HeaderList } from '../../../../pipe/pipe.ts'
import { filtered, type Modifier } from '../modifier.ts'
import type { Settings } from '../settings.ts'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** What Go lets stand in a cookie's value. */
const VALUE = /^[\x20\x21\x23-\x3a\x3c-\x5b\x5d-\x7e]*$/
const PATH = /^[\x20-\x3a\x3c-\x7e]*$/
const DOMAIN =
  /^\.?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

/** Adds a cookie to the request's `Cookie`, or a `Set-Cookie` to the answer. */
export function cookieModifier(settings: Settings): Modifier {
  const name = settings.text('name')
  if (!TOKEN.test(name)) throw settings.wrong('name', 'no name of a cookie')
  const value = settings.text('value')
  if (!VALUE.test(value)) throw settings.wrong('value', 'no value of a cookie')
  const pair = `${name}=${/[ ,]/.test(value) ? `"${value}"` : value}`
  const setCookie = [pair, ...attributes(settings)].join('; ')
  return {
    call({ headers }) {
      const before = headerValue(headers.list, 'cookie') ?? ''
      headers.list = withHeader(headers.list, 'Cookie', before === '' ? pair : `${before}; ${pair}`)
    },
    answer({ headers }) {
      headers.list.push('Set-Cookie', setCookie)
    },
  }
}

/** In Go's order. */
function attributes(settings: Settings): string[] {
  const path = settings.text('path')
  if (!PATH.test(path)) throw settings.wrong('path', 'no path of a cookie')
  const domain = settings.text('domain')
  if (domain !== '' && !DOMAIN.test(domain)) throw settings.wrong('domain', 'no domain of a cookie')
  const expires = expiry(settings)
  const maxAge = settings.whole('maxAge')
  return [
    path === '' ? '' : `Path=${path}`,
    domain === '' ? '' : `Domain=${domain.replace(/^\./, '')}`,
    expires === undefined ? '' : `Expires=${expires.toUTCString()}`,
    maxAge === 0 ? '' : `Max-Age=${Math.max(maxAge, 0)}`,
    settings.flag('httpOnly') ? 'HttpOnly' : '',
    settings.flag('secure') ? 'Secure' : '',
  ].filter((attribute) => attribute !== '')
}

function expiry(settings: Settings): Date | undefined {
  const text = settings.text('expires')
  if (text === '') return undefined
  const date = new Date(text)
  if (!RFC_3339.test(text) || Number.isNaN(date.getTime()))
    throw settings.wrong('expires', 'no time', 'such as 2031-01-02T15:04:05Z')
  return date
}

/** Acts when a cookie is there, or has this value. */
export function cookieFilter(settings: Settings): Modifier {
  const name = settings.text('name')
  const value = settings.text('value')
  const has = (pairs: readonly (readonly [string, string])[]): boolean =>
    pairs.some(([each, its]) => each === name && (value === '' || its === value))
  return filtered(
    {
      call: ({ headers }) => has(sentCookies(headers.list)),
      answer: ({ headers }) => has(setCookies(headers.list)),
    },
    settings.modifier('modifier'),
    settings.optionalModifier('else'),
  )
}

const sentCookies = (headers: HeaderList) =>
  headerValues(headers, 'cookie').flatMap((line) => line.split(';').flatMap(pairOf))
const setCookies = (headers: HeaderList) =>
  headerValues(headers, 'set-cookie').flatMap((line) => pairOf(line.split(';', 1)[0] ?? ''))

/** Name and value of `name=value`, as Go reads them: none when either cannot be one. */
function pairOf(part: string): (readonly [string, string])[] {
  const text = part.trim()
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  const raw = equals < 0 ? '' : text.slice(equals + 1)
  const value = /^".*"$/.test(raw) ? raw.slice(1, -1) : raw
  return TOKEN.test(name) && VALUE.test(value) ? [[name, value]] : []
}
