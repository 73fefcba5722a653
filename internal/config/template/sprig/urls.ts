import { type FuncMap, func } from '../func.ts'
import { quoteGo } from '../quote.ts'
import { Dict, kindOf, type Value } from '../value.ts'

type Url = {
  readonly scheme: string
  readonly opaque: string
  /** Already encoded, as `User.String()` writes it. */
  readonly userinfo: string | undefined
  readonly host: string
  readonly path: string
  readonly query: string
  readonly forceQuery: boolean
  readonly fragment: string
}

/** sprig's urlParse and urlJoin. */
export const urls: FuncMap = {
  urlParse: func(['string'], (text) => {
    const url = parse(text)
    return new Dict([
      ['scheme', url.scheme],
      ['host', url.host],
      ['hostname', hostname(url.host)],
      ['path', url.path],
      ['query', url.query],
      ['opaque', url.opaque],
      ['fragment', url.fragment],
      ['userinfo', url.userinfo ?? ''],
    ])
  }),
  urlJoin: func(['dict'], join),
}

function refuse(text: string, reason: string): never {
  throw new Error(`unable to parse url: parse ${quoteGo(text)}: ${reason}`)
}

function parse(text: string): Url {
  if (/[\x00-\x1f\x7f]/.test(text)) return refuse(text, 'net/url: invalid control character in URL')
  const hash = text.indexOf('#')
  const fragment = hash === -1 ? '' : decode(text.slice(hash + 1), text)
  const { scheme, rest: afterScheme } = splitScheme(hash === -1 ? text : text.slice(0, hash), text)
  const mark = afterScheme.indexOf('?')
  const query = mark === -1 ? '' : afterScheme.slice(mark + 1)
  const forceQuery = mark !== -1 && query === ''
  const rest = mark === -1 ? afterScheme : afterScheme.slice(0, mark)
  const common = { scheme, query, forceQuery, fragment }
  if (!rest.startsWith('/') && scheme !== '') {
    return { ...common, opaque: rest, userinfo: undefined, host: '', path: '' }
  }
  if (!rest.startsWith('/') && (rest.split('/')[0] ?? '').includes(':')) {
    return refuse(text, 'first path segment in URL cannot contain colon')
  }
  const hasAuthority = rest.startsWith('//') && !(scheme === '' && rest.startsWith('///'))
  if (!hasAuthority) {
    return { ...common, opaque: '', userinfo: undefined, host: '', path: decode(rest, text) }
  }
  const slash = rest.indexOf('/', 2)
  const authority = slash === -1 ? rest.slice(2) : rest.slice(2, slash)
  const path = slash === -1 ? '' : decode(rest.slice(slash), text)
  return { ...common, opaque: '', ...parseAuthority(authority, text), path }
}

function splitScheme(text: string, whole: string): { scheme: string; rest: string } {
  if (text.startsWith(':')) return refuse(whole, 'missing protocol scheme')
  const [prefix, scheme] = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text) ?? []
  if (prefix === undefined || scheme === undefined) return { scheme: '', rest: text }
  return { scheme: scheme.toLowerCase(), rest: text.slice(prefix.length) }
}

function parseAuthority(
  text: string,
  whole: string,
): { userinfo: string | undefined; host: string } {
  const at = text.lastIndexOf('@')
  const host = text.slice(at + 1)
  if (host.startsWith('[') && !host.includes(']')) return refuse(whole, "missing ']' in host")
  const port = /(:[^:\]]*)$/.exec(host)?.[1]
  if (port !== undefined && !/^:\d*$/.test(port)) {
    return refuse(whole, `invalid port ${quoteGo(port)} after host`)
  }
  if (/[ "<>\\^`{|}]/.test(host)) {
    return refuse(
      whole,
      `invalid character ${quoteGo(/[ "<>\\^`{|}]/.exec(host)?.[0] ?? '')} in host name`,
    )
  }
  if (at === -1) return { userinfo: undefined, host: decode(host, whole) }
  const [user = '', ...password] = text.slice(0, at).split(':')
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text.slice(0, at))) {
    return refuse(whole, 'net/url: invalid userinfo')
  }
  const parts = [user, ...(password.length === 0 ? [] : [password.join(':')])]
  const userinfo = parts.map((part) => encode(decode(part, whole), '-_.~$&+,;=')).join(':')
  return { userinfo, host: decode(host, whole) }
}

function decode(text: string, whole: string): string {
  const bad = /%(?![0-9a-fA-F]{2})[\s\S]{0,2}/.exec(text)?.[0]
  if (bad !== undefined) return refuse(whole, `invalid URL escape ${quoteGo(bad)}`)
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  )
}

function encode(text: string, plain: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      const stays = /[A-Za-z0-9]/.test(char) || plain.includes(char)
      return stays ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

function hostname(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1]
  return bracketed ?? host.replace(/:\d*$/, '')
}

function part(dict: Dict, key: string): string {
  const value: Value = dict.entries.get(key)
  if (!dict.entries.has(key)) return ''
  if (typeof value !== 'string') {
    throw new Error(
      `unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`,
    )
  }
  return value
}

function join(dict: Dict): string {
  const [scheme, host, path] = [part(dict, 'scheme'), part(dict, 'host'), part(dict, 'path')]
  const [query, opaque, fragment] = [
    part(dict, 'query'),
    part(dict, 'opaque'),
    part(dict, 'fragment'),
  ]
  const userinfo = part(dict, 'userinfo')
  const user = userinfo === '' ? undefined : parse(`proto://${userinfo}@host`).userinfo
  let text = scheme === '' ? '' : `${scheme}:`
  if (opaque !== '') text += opaque
  else {
    const hasStart = scheme !== '' || host !== '' || user !== undefined
    if (hasStart && (host !== '' || path !== '' || user !== undefined)) text += '//'
    text += (user === undefined ? '' : `${user}@`) + encode(host, '-_.~!$&\'()*+,;=:[]<>"')
    const encoded = encode(path, '-_.~$&+,/:;=@')
    if (encoded !== '' && !encoded.startsWith('/') && host !== '') text += '/'
    if (text === '' && (encoded.split('/')[0] ?? '').includes(':')) text += './'
    text += encoded
  }
  if (query !== '') text += `?${query}`
  return fragment === '' ? text : `${text}#${encode(fragment, "-_.~!$&'()*+,/:;=?@")}`
}
