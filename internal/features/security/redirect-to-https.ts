import type { ClientRequest, Reply } from '../../pipe/pipe.ts'

/** What a URL may hold as it is; everything else is escaped, so that no client writes into the page or the header. */
const UNSAFE_PATH = /[^\w\-.~:/[\]@!$&'()*+,;=%]/g
const UNSAFE_QUERY = /[^!-~]/g
const UNSAFE_HOST = /[^\w\-.~:[\]!$&'()*+,;=%]/g
const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

/** 301 to the same path and query over https, at `sslHost` or the host that was asked for. */
export function redirectToHttps(sslHost: string): (request: ClientRequest, host: string) => Reply {
  return ({ method, path, rawQuery }, host) => {
    const query = rawQuery === '' ? '' : `?${escaped(rawQuery, UNSAFE_QUERY)}`
    const authority = escaped(sslHost === '' ? host : sslHost, UNSAFE_HOST)
    const location = `https://${authority}${escaped(path, UNSAFE_PATH)}${query}`
    const hasPage = method === 'GET' || method === 'HEAD'
    return {
      status: 301,
      headers: [
        ...['Location', location],
        ...(hasPage ? ['Content-Type', 'text/html; charset=utf-8'] : []),
      ],
      body: method === 'GET' ? page(location) : undefined,
    }
  }
}

/** Header values and request lines are latin1: each character is one byte. */
const escaped = (text: string, unsafe: RegExp): string =>
  text.replace(
    unsafe,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )

const page = (location: string): string =>
  `<a href="${location.replace(/[&<>"']/g, (character) => HTML[character] ?? '')}">Moved Permanently</a>.\n\n`
