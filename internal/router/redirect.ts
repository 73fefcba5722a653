import { headerValue } from '../pipe/headers.ts'
import { encodePath } from '../pipe/percent.ts'
import type { ClientRequest, HeaderList, Reply } from '../pipe/pipe.ts'
import { cleanPath } from './clean-path.ts'
import type { Found } from './router.ts'

type Redirect = Extract<Found<unknown>, { kind: 'redirect' }>

const HTML = 'text/html; charset=utf-8'
const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

/**
 * Answers with the path that was meant: 301 with a link for GET, 307 without a body for other methods. The
 * query stays. A trailing-slash redirect puts a proxy's `X-Forwarded-Prefix` before the path, as gin does.
 */
export function redirectReply(request: ClientRequest, found: Redirect): Reply {
  const prefix = found.isTrailingSlash ? forwardedPrefix(request.headers) : ''
  const path = encodePath(cleanPath(`${prefix}${found.path}`))
  const location = request.rawQuery === '' ? path : `${path}?${printable(request.rawQuery)}`
  if (request.method === 'GET') {
    const body = `<a href="${escapeHtml(location)}">Moved Permanently</a>.\n\n`
    return {
      status: 301,
      headers: ['Content-Type', HTML, 'Location', location],
      body,
      isUnlogged: true,
    }
  }
  const type = request.method === 'HEAD' ? ['Content-Type', HTML] : []
  return {
    status: 307,
    headers: [...type, 'Location', location],
    body: undefined,
    isUnlogged: true,
  }
}

/** Letters, digits, slashes and dashes of the header, with its dot segments resolved first. */
function forwardedPrefix(headers: HeaderList): string {
  const prefix = headerValue(headers, 'x-forwarded-prefix')
  if (prefix === undefined || prefix === '') return ''
  const clean = cleanPath(prefix.startsWith('/') ? prefix : `/${prefix}`)
  return `${clean.replace(/[^A-Za-z0-9/-]/g, '')}/`
}

/** Bytes above ASCII as percent-escapes: a header line holds none. */
const printable = (text: string): string =>
  text.replace(/[^\x21-\x7e]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => HTML_ESCAPES[char] as string)
