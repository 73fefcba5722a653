import { linearPattern } from '../../../../pipe/linear-pattern.ts'
import { encodePath } from '../../../../pipe/percent.ts'
import { filtered, type Modifier, ofCall } from '../modifier.ts'
import type { Settings } from '../settings.ts'

/** Sends calls elsewhere: what is set replaces that part of the address. The `Host` header stays. */
export function urlModifier(settings: Settings): Modifier {
  const scheme = settings.text('scheme')
  const host = settings.text('host')
  const path = settings.text('path')
  const query = settings.text('query')
  if (scheme !== '' && scheme !== 'http' && scheme !== 'https')
    throw settings.wrong('scheme', 'no scheme of an upstream', 'http, https')
  if (host !== '' && (/[/?#@\s\\]/.test(host) || URL.parse(`http://${host}`) === null))
    throw settings.wrong('host', 'no host', 'a name or address, and :port')
  if (!/^[!-~]*$/.test(query) || query.includes('#'))
    throw settings.wrong('query', 'cannot be sent as it is', 'a percent-encoded query')
  const wirePath = encodePath(path.startsWith('/') ? path : `/${path}`)
  return {
    call(call) {
      if (scheme !== '') call.scheme = scheme
      if (host !== '') call.authority = host
      if (path !== '') call.path = wirePath
      if (query !== '') call.query = query
    },
  }
}

/** Acts on addresses of which every part that is set is the same; `*` in `host` is any one label. */
export function urlFilter(settings: Settings): Modifier {
  const scheme = settings.text('scheme')
  const host = settings.text('host')
  const path = settings.text('path')
  const query = settings.text('query')
  const condition = ofCall(
    (call) =>
      (scheme === '' || scheme === call.scheme) &&
      (host === '' || isSameHost(host.split('.'), call.authority.split('.'))) &&
      (path === '' || path === call.decodedPath) &&
      (query === '' || query === call.query),
  )
  return filtered(condition, settings.modifier('modifier'), settings.optionalModifier('else'))
}

/** Label by label: a `*` at the start of one stands for whatever comes before the rest (`*:8080`). */
const isSameHost = (pattern: readonly string[], host: readonly string[]): boolean =>
  pattern.length === host.length &&
  pattern.every((label, at) => {
    const given = host[at] as string
    return label.startsWith('*') ? given.endsWith(label.replace(/^\*+/, '')) : given === label
  })

/** Acts when the whole address, query included, matches. */
export function urlRegexFilter(settings: Settings): Modifier {
  const pattern = linearPattern(settings.text('regex'), `${settings.path}.regex`)
  return filtered(
    ofCall((call) => pattern(call.url)),
    settings.modifier('modifier'),
    settings.optionalModifier('else'),
  )
}

/** Keeps the address in a header of the request; with both scopes, in one of the answer as well. */
export function urlStash(settings: Settings): Modifier {
  const name = settings.headerName('headerName')
  const scope = settings.value('scope') === undefined ? undefined : settings.texts('scope')
  if (scope?.includes('response') && !scope.includes('request'))
    throw settings.wrong('scope', 'an answer has the header only with both scopes')
  return {
    call({ headers, url }) {
      headers.set(name, url)
    },
    answer({ headers, call }) {
      headers.set(name, call.headers.first(name))
    },
  }
}
