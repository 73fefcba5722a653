import { ipv6Fault } from './formats-host.ts'
import { type Fault, partFault } from './formats-words.ts'

const SCHEME = /^[a-z][a-z0-9+.-]*:/i
const ESCAPE = /%(?![0-9a-f]{2}).{0,2}/is
/** What Go takes in a host's name as it is. */
const NO_HOST = /[^\w\-.~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]/u

/** An absolute URI, as Go's `net/url` reads it. */
export function uriFault(text: string): Fault {
  return urlFault(text) ?? (SCHEME.test(text) ? undefined : 'relative url')
}

export function uriReferenceFault(text: string): Fault {
  return text.includes('\\') ? 'contains \\' : urlFault(text)
}

export function uriTemplateFault(text: string): Fault {
  const fault = urlFault(text)
  if (fault !== undefined) return fault
  for (const part of text.replace(/[?#].*/s, '').split('/')) {
    let isOpen = false
    for (const [brace] of part.matchAll(/[{}]/g)) {
      if ((brace === '{') === isOpen) return 'nested curly braces'
      isOpen = !isOpen
    }
    if (isOpen) return 'no matching closing brace'
  }
  return undefined
}

function urlFault(text: string): Fault {
  const fault = parseFault(text)
  return typeof fault === 'object'
    ? partFault('invalid ipv6 address', fault.ipv6)
    : partFault(`parse ${JSON.stringify(text)}`, fault)
}

function parseFault(text: string): Fault | { readonly ipv6: Fault } {
  const [plain = '', fragment = ''] = text.split(/#(.*)/s)
  if (/[\u0000-\u001f\u007f]/.test(plain)) return 'net/url: invalid control character in URL'
  if (plain.startsWith(':')) return 'missing protocol scheme'
  const scheme = SCHEME.exec(plain)?.[0] ?? ''
  const rest = plain.slice(scheme.length).replace(/\?.*/s, '')
  if (scheme !== '' && !rest.startsWith('/')) return escapeFault(fragment)
  if (scheme === '' && /^[^/]*:/.test(rest)) return 'first path segment in URL cannot contain colon'
  const [, authority, path = rest] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? []
  return (
    (authority === undefined ? undefined : authorityFault(authority)) ??
    escapeFault(path) ??
    escapeFault(fragment)
  )
}

function escapeFault(text: string): Fault {
  const wrong = ESCAPE.exec(text)?.[0]
  return wrong === undefined ? undefined : `invalid URL escape ${JSON.stringify(wrong)}`
}

function authorityFault(authority: string): Fault | { readonly ipv6: Fault } {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const wrong = NO_HOST.exec(host)?.[0]
  if (wrong !== undefined) return `invalid character ${JSON.stringify(wrong)} in host name`
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']')
    if (end < 0) return "missing ']' in host"
    const fault = ipv6Fault(host.slice(1, end))
    return fault === undefined ? portFault(host.slice(end + 1)) : { ipv6: fault }
  }
  const colon = host.indexOf(':')
  return colon < 0 ? escapeFault(host) : portFault(host.slice(host.lastIndexOf(':')))
}

const portFault = (port: string): Fault =>
  /^(?::\d*)?$/.test(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`
